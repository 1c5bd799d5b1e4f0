-- Small servers in the Perl that every Debian has.
local server = {}

local program = [[
exec perl -MIO::Socket::INET -e '
  my $server = IO::Socket::INET->new(
    LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT0}, Listen => 32, ReuseAddr => 1) or die "cannot listen: $!";
  while (my $client = $server->accept) {
    my $request = <$client> or next;
    while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
    my $fetched = "";
    if ($ENV{FROM}) {
      my $other = IO::Socket::INET->new(PeerAddr => $ENV{FROM}) or next;
      print $other "GET / HTTP/1.0\r\n\r\n";
      $fetched = (split /\r\n\r\n/, join "", <$other>)[1];
    }
    my $text = "ANSWER";
    print $client "HTTP/1.0 200 OK\r\nContent-Length: ", length $text, "\r\n\r\n$text";
  }'
]]

-- Stands in an answer for what the server at $FROM answers.
server.fetched = "$fetched"

-- The fields of an application that answers so.
---@param about { id: string, answer: string, env: table<string, string>, after_scheduler?: fun(ctx: HookContext) }
---@return ApplicationFields
function server.app(about)
  return {
    type = "service",
    id = about.id,
    cpu = 0.1,
    mem = 32,
    launch_command = (program:gsub("ANSWER", function() return about.answer end)),
    env = about.env,
    healthcheck = { protocol = "HTTP", path = "/", interval = "200ms", grace = "10s", timeout = "1s" },
    after_scheduler = about.after_scheduler,
  }
end

return server
