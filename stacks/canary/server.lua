-- A web server that says its version, in the Perl that every Debian has. A version that is called "broken" starts, and is not healthy.
local server = {}

server.command = [[
exec perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(
    LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT0}, Listen => 32, ReuseAddr => 1) or die "cannot listen: $!";
  print STDERR "version $ENV{VERSION}\n";
  while (my $client = $server->accept) {
    my $request = <$client> or next;
    while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
    my $status = $ENV{VERSION} eq "broken" ? "500 Broken" : "200 OK";
    my $text = "version $ENV{VERSION}\n";
    print $client "HTTP/1.0 $status\r\nContent-Length: ", length $text, "\r\n\r\n$text";
  }'
]]

--- The application as Marathon has it.
---@param id string
---@param version string
---@param instances integer
---@return table<string, JSONValue>
function server.definition(id, version, instances)
  return {
    id = id,
    cmd = server.command,
    env = { VERSION = version },
    cpus = 0.1,
    mem = 32,
    instances = instances,
    healthChecks = {
      {
        protocol = "HTTP",
        path = "/health",
        intervalSeconds = 1,
        timeoutSeconds = 1,
        gracePeriodSeconds = 5,
        maxConsecutiveFailures = 0,
      },
    },
  }
end

--- Asks an application that is healthy a few times, and fails where it does not answer as this version would.
---@param app App
---@param version string
function server.check(app, version)
  for _ = 1, 3 do
    local answer = http.get(app:url("/"))
    if answer.status ~= 200 then fail(app.id .. " answers " .. answer.status) end
    if answer.body ~= "version " .. version .. "\n" then fail(app.id .. " answers: " .. answer.body) end
    time.sleep("200ms")
  end
end

return server
