-- Tries the new version on one instance, before the application gets it.

-- In the Perl that every Debian has. A version that is called "broken" starts, and is not healthy.
local command = [[
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

local version = vars.get("version")
if not version then fail("which version? Give it with --var version=NUMBER") end
vars.set("canary.command", command)

if not marathon.get(ctx.app) then
  log.info("the first version has nothing to be compared with")
  return
end

local canary = marathon.deploy {
  id = ctx.app.id .. "-canary",
  cmd = command,
  env = { VERSION = version },
  cpus = 0.1,
  mem = 32,
  instances = 1,
  healthChecks = {
    { protocol = "HTTP", path = "/health", intervalSeconds = 1, timeoutSeconds = 1, gracePeriodSeconds = 5, maxConsecutiveFailures = 0 },
  },
}

local isGood, problem = pcall(function()
  local healthy = wait_healthy(canary, { timeout = "8s" })
  for _ = 1, 3 do
    local answer = http.get(healthy:url("/"))
    if answer.status ~= 200 then fail("the canary answers " .. answer.status) end
    if answer.body ~= "version " .. version .. "\n" then fail("the canary answers: " .. answer.body) end
    time.sleep("200ms")
  end
end)

-- It has done what it was for, however that went.
marathon.destroy(canary)
if not isGood then error(problem, 0) end
log.info("version", version, "was good enough")
