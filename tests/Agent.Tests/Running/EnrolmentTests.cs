using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Running;

public class EnrolmentTests
{
    [Fact]
    public async Task A_host_is_enrolled_once_and_its_key_is_its_own()
    {
        await using var host = await AgentHost.Begin();

        var again = await host.Tell("enrol", "--exchange", host.Registry.Address.ToString(), "--token", host.Book.Token, "--inventory", host.Inventory);
        var status = await host.Tell("status");

        again.Code.ShouldBe(1);
        status.Output.ShouldContain($"node       {TestRegistry.NodeId} test-1");
        status.Output.ShouldContain("H100-SXM-80GB.sim-lab (simulated)");
        status.Output.ShouldContain("link       connected");
        status.Code.ShouldBe(0);
        File.GetUnixFileMode(Path.Combine(host.State, "node.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        host.Book.Hellos.Single().Inventory.Runners.ShouldBe(["process"]);
        host.Book.Hellos.Single().Inventory.Origin.ShouldBe("inventory");
    }

    [Fact]
    public async Task Whatever_keeps_a_host_from_being_a_node_is_said_in_a_sentence()
    {
        await using var host = await AgentHost.Begin();
        var other = Path.Combine(host.State, "..", "other");
        async Task<string> Enrol(string address, string token)
        {
            var (code, output, error) = await host.Tell("enrol", "--exchange", address, "--token", token, "--inventory", host.Inventory, "--state", other);
            code.ShouldBe(1, output);
            return error;
        }
        var address = host.Registry.Address.ToString();
        var wrongPin = System.Buffers.Text.Base64Url.EncodeToString(new byte[32]);

        (await Enrol(address, $"{host.Book.Secret}.{wrongPin}")).ShouldContain("is not the exchange: its key is not the one that the enrolment token names");
        (await Enrol(address, host.Book.Secret)).ShouldContain("this host does not trust its certificate");
        (await Enrol(address, host.Book.Token.Replace("secret", "Secret"))).ShouldContain("The enrolment token is unknown, used, or past its time");
        (await Enrol(address, "cxk_no-token-at-all-but-a-key")).ShouldContain("not an enrolment token");
        (await Enrol($"https://127.0.0.1:{TestRegistry.FreePort()}", host.Book.Token)).ShouldContain("nothing listens there");
        (await Enrol("http://127.0.0.1:1", host.Book.Token)).ShouldContain("is not an https address");
    }

    [Fact]
    public async Task A_second_agent_with_the_same_state_does_not_start()
    {
        await using var host = await AgentHost.Begin();

        var (code, _, error) = await host.Tell("run");

        code.ShouldBe(1);
        error.ShouldContain("Another agent runs with the state folder");
    }
}
