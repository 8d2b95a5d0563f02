using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ComputeExchange.Agent.Metadata;

/// <summary>A small HTTP door on the host at which a workload reads about its delivery: on a port of this machine alone, and on a Unix socket.</summary>
public sealed class MetadataDoor : IDisposable
{
    private const int LongestRequest = 8 * 1024;
    private const int LongestSocketPath = 107;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Func<MetadataAnswer?> _answer;
    private readonly List<Socket> _doors = [];
    private readonly CancellationTokenSource _closed = new();

    private MetadataDoor(Func<MetadataAnswer?> answer) => _answer = answer;

    /// <summary>The port it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the door.</summary>
    /// <param name="address">The address it listens on.</param>
    /// <param name="port">The port; 0: any that is free.</param>
    /// <param name="socketPath">The Unix socket, made anew.</param>
    /// <param name="answer">What is true now.</param>
    /// <exception cref="SocketException">The port is taken or the address is not of this host.</exception>
    public static MetadataDoor Open(IPAddress address, int port, string socketPath, Func<MetadataAnswer?> answer)
    {
        var door = new MetadataDoor(answer);
        try
        {
            var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            door.Listen(tcp, new IPEndPoint(address, port));
            door.Port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
            if (Encoding.UTF8.GetByteCount(socketPath) > LongestSocketPath) return door;
            File.Delete(socketPath);
            door.Listen(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(socketPath));
            File.SetUnixFileMode(socketPath, (UnixFileMode)0b110_110_110);
            return door;
        }
        catch
        {
            door.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _closed.Cancel();
        foreach (var door in _doors) door.Dispose();
        _closed.Dispose();
    }

    private void Listen(Socket door, EndPoint at)
    {
        _doors.Add(door);
        door.Bind(at);
        door.Listen(16);
        _ = Accept(door, _closed.Token);
    }

    private async Task Accept(Socket door, CancellationToken closed)
    {
        while (!closed.IsCancellationRequested)
        {
            try
            {
                var caller = await door.AcceptAsync(closed);
                _ = Serve(caller, closed);
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The caller was gone before it was let in, or there are no descriptors left for a moment.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task Serve(Socket caller, CancellationToken closed)
    {
        using var _ = caller;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(closed);
            patience.CancelAfter(Patience);
            var asked = await Asked(caller, patience.Token);
            var reply = Encoding.UTF8.GetBytes(Reply(asked));
            for (var sent = 0; sent < reply.Length;) sent += await caller.SendAsync(reply.AsMemory(sent), SocketFlags.None, patience.Token);
            caller.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever asked has left.
        }
    }

    private static async Task<string> Asked(Socket caller, CancellationToken cancel)
    {
        var bytes = new byte[LongestRequest];
        var length = 0;
        while (length < bytes.Length)
        {
            var more = await caller.ReceiveAsync(bytes.AsMemory(length), SocketFlags.None, cancel);
            if (more == 0) break;
            length += more;
            if (bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0) break;
        }
        var text = Encoding.ASCII.GetString(bytes, 0, length);
        return text.Split("\r\n", 2)[0];
    }

    private string Reply(string request)
    {
        if (request.Split(' ') is not [var method, var path, ..]) return Written("400 Bad Request", """{"error":"not an HTTP request"}""");
        if (method != "GET") return Written("405 Method Not Allowed", """{"error":"only GET"}""");
        var found = _answer()?.At(path.Split('?')[0]);
        return found is null ? Written("404 Not Found", """{"error":"nothing here now"}""") : Written("200 OK", found);
    }

    private static string Written(string status, string json) =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}";
}
