using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class NodeCommandsTests : IAsyncLifetime
{
    const string Rack1 = "0192f0c1-2d3e-7abc-8def-0123456789ab";
    const string Rack2 = "0192f0c2-2d3e-7abc-8def-0123456789ab";

    StandInExchange _exchange = null!;

    public async ValueTask InitializeAsync()
    {
        _exchange = await StandInExchange.Start();
        _exchange.Answer((ListNodesRequest _) => new ListNodesResponse
        {
            Nodes =
            {
                new Node { NodeId = Rack1, Name = "rack-1", Market = "H100-SXM-80GB.us", GpuCount = 8, LeasedGpuCount = 3, OfferedGpuCount = 4, State = NodeState.Verified, Presence = NodePresence.Online, ProductClass = "H100-SXM-80GB" },
                new Node { NodeId = Rack2, Name = "rack-2", Market = "H100-SXM-80GB.sim-lab", GpuCount = 8, State = NodeState.Suspended, Presence = NodePresence.Lost, Simulated = true },
            },
        });
        _exchange.Answer((GetNodeRequest request) => new GetNodeResponse { Node = Detail(request.NodeId) });
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task The_list_says_what_each_node_is_and_does()
    {
        var text = (await _exchange.Run("nodes")).Output;
        text.ShouldContain("verified");
        text.ShouldContain("lost");
        var node = (await _exchange.Json("nodes", "list"))["nodes"]![0]!;
        (node["leased_gpu_count"]!.GetValue<long>(), node["offered_gpu_count"]!.GetValue<long>(), node["product_class"]!.GetValue<string>(), node["simulated"]!.GetValue<bool>())
            .ShouldBe((3, 4, "H100-SXM-80GB", false));
    }

    [Theory]
    [InlineData("rack-2", Rack2)]
    [InlineData("RACK-2", Rack2)]
    [InlineData("0192f0c2", Rack2)]
    [InlineData(Rack2, Rack2)]
    [InlineData("0192F0C2-2D3E-7ABC-8DEF-0123456789AB", Rack2)]
    public async Task A_node_is_named_by_its_id_its_first_digits_or_its_name(string typed, string id)
    {
        (await _exchange.Run("nodes", "show", typed)).Code.ShouldBe(0);
        _exchange.Only<GetNodeRequest>().NodeId.ShouldBe(id);
    }

    [Theory]
    [InlineData("0192", "2 nodes begin with")]
    [InlineData("rack-3", "cx nodes lists them")]
    public async Task A_name_of_no_node_or_of_several_asks_for_another(string typed, string said)
    {
        var refused = await _exchange.Run("nodes", "test", typed);
        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldStartWith("node: ");
        refused.Error.ShouldContain(said);
        _exchange.Asked<TestNodeRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_card_has_the_use_of_each_gpu_the_findings_and_how_the_score_is_made()
    {
        var (code, text, _) = await _exchange.Run("nodes", "show", "rack-1");
        code.ShouldBe(0);
        text.ShouldContain("80 GiB");
        text.ShouldContain("leased");
        text.ShouldContain("fell off the bus");
        text.ShouldContain("memory bandwidth 3.2 TB/s, at least 2.9 wanted");
        text.ShouldContain("0.97 x 0.6 + 1.00 x 0.4");
        text.ShouldContain("18-6");
        text.ShouldContain("power");

        var json = await _exchange.Json("nodes", "show", "rack-1");
        json["gpus"]![1]!["lease_id"]!.GetValue<long>().ShouldBe(4711);
        json["gpus"]![0]!["lease_id"].ShouldBeNull();
        json["last_test"]!["findings"]![0]!.GetValue<string>().ShouldContain("3.2 TB/s");
        json["reputation"]!["score_ppm"]!.GetValue<long>().ShouldBe(982_000);
        json["policy"]!["hours"]!.GetValue<string>().ShouldBe("18-6");
    }

    [Fact]
    public async Task A_simulated_node_is_said_to_be_one()
    {
        (await _exchange.Run("nodes", "show", "rack-2")).Output.ShouldContain("simulated markets only");
        (await _exchange.Run("nodes", "show", "rack-1")).Output.ShouldNotContain("simulated markets only");
    }

    [Fact]
    public async Task Enrolling_prints_what_to_type_on_the_host()
    {
        _exchange.Answer((CreateEnrolmentTokenRequest _) => new CreateEnrolmentTokenResponse
        {
            Token = "cxn_1", Command = "cx-agent enrol https://exchange:5100 cxn_1", AgentAddress = "https://exchange:5100", ExpiresTime = StandInExchange.Now.AddHours(1).ToTimestamp(),
        });
        var made = await _exchange.Run("nodes", "enrol", "--region", "us-east", "--name", "rack-3", "--country", "us", "--place", "Ashburn", "--minutes", "30");
        made.Code.ShouldBe(0);
        made.Output.ShouldContain("  cx-agent enrol https://exchange:5100 cxn_1");
        made.Output.ShouldContain("2026-03-02 10:30Z");
        _exchange.Only<CreateEnrolmentTokenRequest>().ShouldBe(new CreateEnrolmentTokenRequest { Region = "us-east", Name = "rack-3", Country = "US", Location = "Ashburn", Minutes = 30 });
        (await _exchange.Json("nodes", "enrol", "--region", "us-east"))["token"]!.GetValue<string>().ShouldBe("cxn_1");
    }

    [Fact]
    public async Task A_policy_is_changed_only_in_what_is_said()
    {
        _exchange.Answer((SetNodePolicyRequest request) => new SetNodePolicyResponse { Policy = request.Policy });
        (await _exchange.Run("nodes", "policy", "rack-1", "--floor", "2.10", "--days", "mon-fri", "--cap", "3")).Code.ShouldBe(0);

        var expected = Detail(Rack1).Policy;
        expected.FirmFloorMicrosPerGpuHour = 2_100_000;
        expected.DaysMask = 0b0011111;
        expected.Repricer.CapMicrosPerGpuHour = 3_000_000;
        _exchange.Only<SetNodePolicyRequest>().ShouldBe(new SetNodePolicyRequest { NodeId = Rack1, Policy = expected });
    }

    [Fact]
    public async Task Everything_of_a_policy_can_be_said()
    {
        _exchange.Answer((SetNodePolicyRequest request) => new SetNodePolicyResponse { Policy = request.Policy });
        (await _exchange.Run("nodes", "policy", "rack-1", "--off", "--floor", "1.80", "--prompt-floor", "0.90", "--hours", "9-17", "--days", "all", "--min-run", "2",
            "--keep-free", "2026-03-03T09:00Z..2026-03-03T17:00Z", "--keep-free", "+1h..+2h", "--idle-minutes", "0", "--horizon", "48", "--keep-gpus", "1", "--reclaim", "30m",
            "--no-reprice", "--raise-above", "90", "--lower-below", "0", "--step", "10")).Code.ShouldBe(0);
        var policy = _exchange.Only<SetNodePolicyRequest>().Policy;
        policy.Enabled.ShouldBeFalse();
        (policy.InterruptibleFloorMicrosPerGpuHour, policy.HoursMask, policy.DaysMask, policy.RunSlotCountMin, policy.IdleMinutes).ShouldBe((900_000, 0x01FE00, 0, 2, 0));
        (policy.HorizonSlotCount, policy.KeepGpuCount, policy.ReclaimNoticeSeconds).ShouldBe((48, 1, 1_800));
        policy.KeepFree.Select(window => (window.FromTime.ToDateTimeOffset(), window.ToTime.ToDateTimeOffset())).ShouldBe(
        [
            (new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 3, 17, 0, 0, TimeSpan.Zero)),
            (StandInExchange.Now.AddHours(1), StandInExchange.Now.AddHours(2)),
        ]);
        (policy.Repricer.Enabled, policy.Repricer.RaiseAbovePercent, policy.Repricer.LowerBelowPercent, policy.Repricer.StepPercent).ShouldBe((false, 90, 0, 10));

        (await _exchange.Run("nodes", "policy", "rack-1", "--keep-free", "none")).Code.ShouldBe(0);
        _exchange.Asked<SetNodePolicyRequest>()[1].Policy.KeepFree.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_policy_without_options_is_shown_with_why_the_price_is_where_it_is()
    {
        var (code, text, _) = await _exchange.Run("nodes", "policy", "rack-1");
        code.ShouldBe(0);
        text.ShouldContain("raised twice: 90% of the next 24 hours is sold");
        _exchange.Asked<SetNodePolicyRequest>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_field_is_said_by_the_option_that_set_it()
    {
        _exchange.Answer<SetNodePolicyRequest, SetNodePolicyResponse>(_ =>
            throw StandInExchange.Refusal(StatusCode.InvalidArgument, "is above the firm floor.", "policy.interruptible_floor_micros_per_gpu_hour"));
        var refused = await _exchange.Run("nodes", "policy", "rack-1", "--prompt-floor", "9");
        (refused.Code, refused.Error.Trim()).ShouldBe((1, "--prompt-floor: is above the firm floor."));
    }

    [Fact]
    public async Task Maintenance_is_announced_shown_and_taken_back()
    {
        _exchange.Answer((ScheduleMaintenanceRequest request) => new ScheduleMaintenanceResponse
        {
            Window = new MaintenanceWindow { WindowId = request.WindowId, FromTime = request.FromTime, ToTime = request.ToTime, Category = request.Category, Note = request.Note },
            ReclaimedLeaseIds = { 4711 },
        });
        _exchange.Answer((CancelMaintenanceRequest _) => new CancelMaintenanceResponse());

        var announced = await _exchange.Run("nodes", "maintenance", "rack-1", "--from", "sat 02:00", "--to", "sat 06:00", "--category", "power", "--note", "new feed", "--reclaim");
        announced.Code.ShouldBe(0);
        announced.Output.ShouldContain("leases 4711");
        var request = _exchange.Only<ScheduleMaintenanceRequest>();
        (request.NodeId, request.FromTime.ToDateTimeOffset(), request.Category, request.Note, request.Reclaim)
            .ShouldBe((Rack1, new DateTimeOffset(2026, 3, 7, 2, 0, 0, TimeSpan.Zero), "power", "new feed", true));
        Guid.TryParse(request.WindowId, out _).ShouldBeTrue();

        (await _exchange.Run("nodes", "maintenance", "rack-1")).Output.ShouldContain("01930000-0000-7000-8000-00000000000a");
        (await _exchange.Run("nodes", "maintenance", "cancel", "rack-1", "0193")).Code.ShouldBe(0);
        _exchange.Only<CancelMaintenanceRequest>().ShouldBe(new CancelMaintenanceRequest { NodeId = Rack1, WindowId = "01930000-0000-7000-8000-00000000000a" });
    }

    [Theory]
    [InlineData("suspend", NodeState.Suspended)]
    [InlineData("lift", NodeState.Unverified)]
    [InlineData("retire", NodeState.Retired)]
    public async Task A_state_is_set_with_its_reason(string word, NodeState state)
    {
        _exchange.Answer((SetNodeStateRequest request) => new SetNodeStateResponse { Node = new NodeDetail { NodeId = request.NodeId, State = request.State, StateReason = request.Reason } });
        (await _exchange.Run("nodes", word, "rack-2", "--reason", "sold")).Code.ShouldBe(0);
        _exchange.Only<SetNodeStateRequest>().ShouldBe(new SetNodeStateRequest { NodeId = Rack2, State = state, Reason = "sold" });
    }

    [Fact]
    public async Task Events_come_page_by_page_up_to_what_was_asked()
    {
        _exchange.Answer((ListNodeEventsRequest request) => new ListNodeEventsResponse
        {
            Events = { Enumerable.Range(0, request.PageSize).Select(_ => new NodeEvent { Kind = "online", By = "agent", AtTime = StandInExchange.Now.ToTimestamp() }) },
            NextPageToken = "more",
        });
        (await _exchange.Json("nodes", "events", "rack-1", "--most", "3"))["events"]!.AsArray().Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("--region", "nodes", "enrol")]
    [InlineData("--minutes", "nodes", "enrol", "--region", "us", "--minutes", "soon")]
    [InlineData("--hours", "nodes", "policy", Rack1, "--hours", "noon")]
    [InlineData("--days", "nodes", "policy", Rack1, "--days", "holidays")]
    [InlineData("--floor", "nodes", "policy", Rack1, "--floor", "cheap")]
    [InlineData("--reclaim", "nodes", "policy", Rack1, "--reclaim", "1m")]
    [InlineData("--keep-free", "nodes", "policy", Rack1, "--keep-free", "tomorrow")]
    [InlineData("--keep-free", "nodes", "policy", Rack1, "--keep-free", "+2h..+1h")]
    [InlineData("--on", "nodes", "policy", Rack1, "--on", "--off")]
    [InlineData("--reprice", "nodes", "policy", Rack1, "--reprice", "--no-reprice")]
    [InlineData("--to", "nodes", "maintenance", Rack1, "--from", "+1h")]
    [InlineData("--to", "nodes", "maintenance", Rack1, "--from", "+2h", "--to", "+1h")]
    [InlineData("--category", "nodes", "maintenance", Rack1, "--from", "+1h", "--to", "+2h", "--category", "lunch")]
    [InlineData("window", "nodes", "maintenance", "cancel", Rack1, "77")]
    [InlineData("--reason", "nodes", "suspend", Rack1)]
    public async Task Wrong_input_is_a_sentence_with_its_field_and_nothing_is_changed(string field, params string[] words)
    {
        var refused = await _exchange.Run(words);
        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldContain(field);
        refused.Error.ShouldNotContain("was not expected");
        refused.Error.ShouldNotContain("failed");
    }

    static NodeDetail Detail(string id) => new()
    {
        NodeId = id, Name = "rack", Market = "H100-SXM-80GB.us", Simulated = id == Rack2, State = NodeState.Verified,
        Inventory = new NodeInventory
        {
            Origin = "nvml",
            Gpus = { new GpuFacts { GpuIndex = 0, Name = "NVIDIA H100 80GB HBM3", MemoryBytes = 85_899_345_920, Uuid = "GPU-a" }, new GpuFacts { GpuIndex = 1, Name = "NVIDIA H100 80GB HBM3", MemoryBytes = 85_899_345_920, Uuid = "GPU-b" } },
        },
        Samples = { new GpuSample { GpuIndex = 0, Trouble = "fell off the bus" }, new GpuSample { GpuIndex = 1, Healthy = true } },
        Uses = { new GpuUse { GpuIndex = 0, Use = "unhealthy" }, new GpuUse { GpuIndex = 1, Use = "leased", LeaseId = 4711 } },
        LastTest = new NodeTest { TestId = "t", DoneTime = StandInExchange.Now.ToTimestamp(), Passed = true, Occasion = "enrolment", Findings = { "memory bandwidth 3.2 TB/s, at least 2.9 wanted" } },
        Reputation = new Reputation { ScorePpm = 982_000, Formula = "0.97 x 0.6 + 1.00 x 0.4 = 0.982" },
        Policy = new NodePolicy
        {
            Enabled = true, FirmFloorMicrosPerGpuHour = 1_800_000, HoursMask = 0xFC003F, RunSlotCountMin = 2, IdleMinutes = 15,
            KeepFree = { new KeepFreeWindow { FromTime = StandInExchange.Now.ToTimestamp(), ToTime = StandInExchange.Now.AddHours(1).ToTimestamp() } },
            Repricer = new Repricer { Enabled = true, CapMicrosPerGpuHour = 2_500_000, Explanation = "raised twice: 90% of the next 24 hours is sold" },
        },
        Maintenance = { new MaintenanceWindow { WindowId = "01930000-0000-7000-8000-00000000000a", Category = "power", FromTime = StandInExchange.Now.ToTimestamp(), ToTime = StandInExchange.Now.AddHours(4).ToTimestamp() } },
    };
}
