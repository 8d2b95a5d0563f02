using System.Net;
using System.Net.Sockets;
using ComputeExchange.Agent.Metadata;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Rules;

public class MetadataDoorTests
{
    private static readonly DateTimeOffset Ten = new(2031, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_workload_reads_about_its_delivery_by_port_and_by_socket()
    {
        var folder = Directory.CreateTempSubdirectory("cx-door-");
        var answer = new MetadataAnswer(7, ["GPU-a"], Ten, Ten.AddHours(1), null, "");
        var path = Path.Combine(folder.FullName, "m.sock");
        using var door = MetadataDoor.Open(IPAddress.Loopback, 0, path, () => answer);
        using var byPort = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{door.Port}") };
        using var bySocket = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new Uri("http://metadata") };
        var cancel = TestContext.Current.CancellationToken;

        foreach (var client in new[] { byPort, bySocket })
        {
            answer = answer with { InterruptTime = null };
            (await client.GetAsync("/latest/instance-action", cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
            answer = answer with { InterruptTime = Ten.AddMinutes(5), InterruptReason = "OUTBID" };
            (await client.GetStringAsync("/latest/instance-action", cancel)).ShouldBe("""{"action":"terminate","time":"2031-03-01T10:05:00Z","reason":"OUTBID"}""");
            (await client.GetStringAsync("/latest/delivery", cancel)).ShouldBe("""{"delivery_id":"7","gpu_uuids":["GPU-a"],"from_time":"2031-03-01T10:00:00Z","to_time":"2031-03-01T11:00:00Z"}""");
            (await client.PostAsync("/latest/delivery", null, cancel)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }
        folder.Delete(recursive: true);
    }
}
