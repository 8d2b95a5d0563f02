using System.Net;
using System.Net.Sockets;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A wire to a server that can be cut: then it swallows what is sent and says nothing, as a network does that has lost a route.</summary>
internal sealed class CutWire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly string _host;
    private readonly int _port;
    private volatile TaskCompletionSource _whole = Done();

    public CutWire(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held back goes on its way.</summary>
    public void Mend() => _whole.TrySetResult();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient caller)
    {
        using (caller)
        using (var server = new TcpClient { NoDelay = true })
        {
            try
            {
                caller.NoDelay = true;
                await _whole.Task.WaitAsync(_end.Token);
                await server.ConnectAsync(_host, _port, _end.Token);
                await Task.WhenAny(Pump(caller.GetStream(), server.GetStream()), Pump(server.GetStream(), caller.GetStream()));

                // That one side has hung up is news like any other.
                await _whole.Task.WaitAsync(_end.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // One side has hung up, or the test is over.
            }
        }
    }

    private async Task Pump(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            await _whole.Task.WaitAsync(_end.Token);
            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
