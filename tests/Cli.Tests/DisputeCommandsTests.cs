using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class DisputeCommandsTests : IAsyncLifetime
{
    const string First = "0192f0c1-2d3e-7abc-8def-0123456789ab";

    StandInExchange _exchange = null!;

    public async ValueTask InitializeAsync()
    {
        _exchange = await StandInExchange.Start();
        _exchange.Answer((ListDisputesRequest _) => new ListDisputesResponse { Disputes = { Disputed(), new Dispute { DisputeId = "0193" + First[4..] } } });
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task A_dispute_is_opened_with_what_the_buyer_had_all_the_same()
    {
        _exchange.Answer((OpenDisputeRequest request) => new OpenDisputeResponse { Dispute = new Dispute { DisputeId = request.DisputeId, LeaseId = request.LeaseId, SlotIndex = request.SlotIndex, State = DisputeState.Open } });
        var opened = await _exchange.Run("leases", "dispute", "4711", "2", "--kind", "wrong-gpu", "--statement", "an A100", "--claimed", "1800", "--request-id", First);
        opened.ShouldBe((0, $"dispute {First} of lease 4711 slot 2 open\n", ""));
        _exchange.Only<OpenDisputeRequest>().ShouldBe(
            new OpenDisputeRequest { DisputeId = First, LeaseId = 4711, SlotIndex = 2, Kind = DisputeKind.WrongGpu, Statement = "an A100", ClaimedGpuSeconds = 1_800 });
    }

    [Fact]
    public async Task Both_sides_records_stand_side_by_side()
    {
        var (code, text, _) = await _exchange.Run("disputes", "show", "0192");
        code.ShouldBe(0);
        text.ShouldContain("half the bandwidth");
        text.ShouldContain("it was idle");
        text.ShouldContain("memory bandwidth 1.6 TB/s");
        text.ShouldContain("GPU 3: clocks fell");
        var sides = text.Split('\n').SkipWhile(line => !line.Contains("Node's agent")).ToArray();
        sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["Sold", "Node's", "agent", "Exchange", "Buyer", "Counted", "so", "far", "Found", "so"]);
        sides[2].ShouldContain("7,200");
        sides[2].ShouldContain("7,100");
        sides[2].ShouldContain("1,800");

        var json = await _exchange.Json("disputes", "show", "0192");
        json["records"]!["agent_gpu_seconds"]!.GetValue<long>().ShouldBe(7_200);
        json["test"]!["passed"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task It_is_answered_proposed_and_approved_by_its_first_digits()
    {
        _exchange.Answer((AnswerDisputeRequest _) => new AnswerDisputeResponse { Dispute = Disputed() });
        _exchange.Answer((ProposeDecisionRequest request) => new ProposeDecisionResponse { Dispute = Decided(request.DeliveredGpuSeconds, DisputeState.Proposed) });
        _exchange.Answer((ApproveDecisionRequest request) => new ApproveDecisionResponse { Dispute = Decided(request.DeliveredGpuSeconds, DisputeState.Decided) });
        (await _exchange.Run("disputes", "answer", "0192", "it was idle")).Code.ShouldBe(0);
        (await _exchange.Run("disputes", "propose", "0192", "--delivered", "1800", "--reason", "the re-test says so")).Output.ShouldContain($"cx disputes approve {First} --delivered 1800");
        (await _exchange.Run("disputes", "approve", First, "--delivered", "1800")).Output.ShouldContain("decided: 1800 GPU-seconds were delivered");
        _exchange.Only<AnswerDisputeRequest>().ShouldBe(new AnswerDisputeRequest { DisputeId = First, Answer = "it was idle" });
        _exchange.Only<ProposeDecisionRequest>().ShouldBe(new ProposeDecisionRequest { DisputeId = First, DeliveredGpuSeconds = 1_800, Reason = "the re-test says so" });
        _exchange.Only<ApproveDecisionRequest>().ShouldBe(new ApproveDecisionRequest { DisputeId = First, DeliveredGpuSeconds = 1_800 });
    }

    [Theory]
    [InlineData("--kind", "leases", "dispute", "4711", "2", "--kind", "ugly", "--statement", "it is")]
    [InlineData("--statement", "leases", "dispute", "4711", "2", "--kind", "slow")]
    [InlineData("slot", "leases", "dispute", "4711", "two", "--kind", "slow", "--statement", "it is")]
    [InlineData("--state", "disputes", "--state", "loud")]
    [InlineData("dispute", "disputes", "show", "77")]
    [InlineData("2 disputes begin with", "disputes", "answer", "019", "no")]
    [InlineData("--delivered", "disputes", "approve", First)]
    [InlineData("--reason", "disputes", "propose", First, "--delivered", "1")]
    public async Task Wrong_input_is_a_sentence_with_its_field_and_nothing_is_changed(string field, params string[] words)
    {
        var refused = await _exchange.Run(words);
        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldContain(field);
        refused.Error.ShouldNotContain("was not expected");
    }

    static Dispute Disputed() => new()
    {
        DisputeId = First, LeaseId = 4711, SlotIndex = 2, Kind = DisputeKind.Slow, State = DisputeState.Open, Statement = "half the bandwidth", Answer = "it was idle", ClaimedGpuSeconds = 1_800,
        Meter = new DeliveryMeter { SoldGpuSeconds = 7_200, AgentGpuSeconds = 7_200, RegistryGpuSeconds = 7_100, DeliveredGpuSeconds = 7_100 },
        Test = new NodeTest { TestId = "t", DoneTime = StandInExchange.Now.ToTimestamp(), Occasion = "dispute", Findings = { "memory bandwidth 1.6 TB/s, at least 2.9 wanted" } },
        Record = { new DeliveryEvent { AtTime = StandInExchange.Now.ToTimestamp(), Message = "GPU 3: clocks fell" } },
    };

    static Dispute Decided(long delivered, DisputeState state)
    {
        var dispute = Disputed();
        (dispute.DeliveredGpuSeconds, dispute.State) = (delivered, state);
        return dispute;
    }
}
