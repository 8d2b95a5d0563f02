using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ComputeExchange.Hosting;

/// <summary>Ports of the loopback that nobody listens at, below those that systems give to outgoing connections.</summary>
/// <remarks>
/// A port from among those could be taken, while its server is down, by a client that connects to something else, or by
/// one that keeps trying to reach this very server and at last reaches itself; then the server could not come back.
/// </remarks>
public static class FreePorts
{
    /// <summary>The first of so many neighbouring ports.</summary>
    public static int Find(int count = 1, int from = 20_000, int to = 32_000)
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(from, to - count);
            if (Enumerable.Range(port, count).All(IsFree)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
