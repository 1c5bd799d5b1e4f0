-- A small server in the Perl that every Debian has. A version that is called "broken" starts, and is not healthy.
local versions = {}

local program = [[
exec perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(
    LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT0}, Listen => 32, ReuseAddr => 1) or die "cannot listen: $!";
  while (my $client = $server->accept) {
    my $request = <$client> or next;
    while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
    my $status = $ENV{VERSION} eq "broken" ? "500 Broken" : "200 OK";
    my $text = "version $ENV{VERSION}\n";
    print $client "HTTP/1.0 $status\r\nContent-Length: ", length $text, "\r\n\r\n$text";
  }'
]]

-- What `marathon.deploy` takes.
---@param id string
---@param version string
---@param instances integer
---@return table<string, any>
function versions.spec(id, version, instances)
  return {
    id = id,
    cmd = program,
    env = { VERSION = version },
    cpus = 0.1,
    mem = 32,
    instances = instances,
    healthChecks = {
      { protocol = "HTTP", path = "/", intervalSeconds = 1, timeoutSeconds = 1, gracePeriodSeconds = 10, maxConsecutiveFailures = 0 },
    },
  }
end

return versions
