using System.Text.Json.Nodes;
using ComputeExchange.Cli.Commands.Leases;
using ComputeExchange.Cli.Words;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public sealed class DeliveryCommandsTests : IAsyncLifetime
{
    const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1h3mW5Y8pXn0u ada@desk";

    StandInExchange _exchange = null!;

    public async ValueTask InitializeAsync()
    {
        _exchange = await StandInExchange.Start();
        _exchange.Answer((SetWorkloadRequest request) => new SetWorkloadResponse { Workload = request.Workload });
        _exchange.Answer((SetRebidRequest _) => new SetRebidResponse());
    }

    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    [Fact]
    public async Task A_list_says_where_each_delivery_stands_and_why_it_is_over()
    {
        _exchange.Answer((ListLeasesRequest _) => new ListLeasesResponse
        {
            Leases =
            {
                new Lease { LeaseId = 7, DeliveryId = 7, State = LeaseState.Failed, Phase = DeliveryPhase.Failed, CloseReason = DeliveryCloseReason.NodeLost },
                new Lease { LeaseId = 6, State = LeaseState.Active },
            },
        });
        (await _exchange.Run("leases")).Output.ShouldContain("node lost");
        var leases = (await _exchange.Json("leases"))["leases"]!;
        (leases[0]!["phase"]!.GetValue<string>(), leases[0]!["close_reason"]!.GetValue<string>(), leases[0]!["delivery_id"]!.GetValue<long>()).ShouldBe(("failed", "node_lost", 7));
        (leases[1]!["phase"], leases[1]!["close_reason"], leases[1]!["delivery_id"]).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task A_card_has_both_meters_slot_by_slot_and_no_value_of_the_environment()
    {
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = Active() });
        var (code, text, _) = await _exchange.Run("leases", "show", "8");
        code.ShouldBe(0);
        text.ShouldContain("GPU-a, GPU-b");
        text.ShouldContain("the exchange did not hear of the node for 100 s");
        text.ShouldContain("HF_TOKEN");
        text.ShouldContain("The workload was started");

        var json = await _exchange.Json("leases", "show", "8");
        json["meters"]![0]!["agent_gpu_seconds"]!.GetValue<long>().ShouldBe(7_200);
        json["meters"]![0]!["registry_gpu_seconds"]!.GetValue<long>().ShouldBe(7_000);
        json["meters"]![0]!["delivered_gpu_seconds"]!.GetValue<long>().ShouldBe(7_000);
        json["meters"]![1]!["delivered_gpu_seconds"].ShouldBeNull();
        json["exit_code"].ShouldBeNull();
        json["workload"]!["command"]!.AsArray().Select(word => word!.GetValue<string>()).ShouldBe(["python", "train.py"]);
    }

    [Fact]
    public async Task A_lease_on_a_node_without_an_agent_shows_what_its_provider_reported()
    {
        _exchange.Answer<GetDeliveryRequest, GetDeliveryResponse>(_ => throw StandInExchange.Refusal(StatusCode.FailedPrecondition, "no agent", reason: "NO_AGENT"));
        _exchange.Answer((ListLeasesRequest request) => request.PageToken.Length == 0
            ? new ListLeasesResponse { Leases = { new Lease { LeaseId = 9 } }, NextPageToken = "2" }
            : new ListLeasesResponse { Leases = { new Lease { LeaseId = 8, Market = "H100-SXM-80GB.us", Meters = { new LeaseMeter { SoldGpuSeconds = 3_600, DeliveredGpuSeconds = 3_500, Metered = true } } } } });
        var json = await _exchange.Json("leases", "show", "8");
        json["market"]!.GetValue<string>().ShouldBe("H100-SXM-80GB.us");
        json["meters"]![0]!["delivered_gpu_seconds"]!.GetValue<long>().ShouldBe(3_500);
        (await _exchange.Run("leases", "show", "10")).Error.ShouldBe("lease: 10 is not one of your leases.\n");
        (await _exchange.Run("leases", "ssh", "8")).ShouldBe((1, "", "no agent (NO_AGENT)\n"));
    }

    [Fact]
    public async Task What_is_to_run_is_sent_whole_and_its_secrets_are_not_echoed()
    {
        await File.WriteAllTextAsync(In("secrets.env"), "# of the run\n\nHF_TOKEN=hf-from-file\nURL=https://h/?a=b\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(In("id.pub"), Key + "\n", TestContext.Current.CancellationToken);
        var ran = await _exchange.Run("leases", "run", "12", "--image", "ghcr.io/me/train:1", "--env", "HF_TOKEN=hf-secret", "-e", "EMPTY=", "--env-file", In("secrets.env"),
            "--ssh-key", In("id.pub"), "--cpus", "16", "--memory", "64G", "--disk", "200GB", "--restart", "--", "python", "train.py", "--json", "--epochs", "3");
        (ran.Code, ran.Error).ShouldBe((0, ""));

        var request = _exchange.Only<SetWorkloadRequest>();
        (request.LeaseId, request.BidId).ShouldBe((12, 0));
        Guid.TryParse(request.WorkloadId, out _).ShouldBeTrue();
        request.Workload.ShouldBe(new Workload
        {
            Image = "ghcr.io/me/train:1", Command = { "python", "train.py", "--json", "--epochs", "3" },
            Environment = { ["HF_TOKEN"] = "hf-secret", ["EMPTY"] = "", ["URL"] = "https://h/?a=b" }, SshPublicKeys = { Key },
            CpuCount = 16, MemoryBytes = 68_719_476_736, DiskBytes = 200_000_000_000, RestartOnFailure = true,
        });
        ran.Output.ShouldContain("HF_TOKEN");
        ran.Output.ShouldNotContain("hf-");
    }

    [Theory]
    [InlineData(12, 0, "leases", "run", "12", "--image", "x", "--", "nvidia-smi", "-L")]
    [InlineData(12, 0, "leases", "run", "12", "--image", "x", "nvidia-smi", "--", "-L")]
    [InlineData(0, 7, "leases", "run", "--bid", "7", "--", "nvidia-smi", "-L")]
    public async Task A_command_stands_after_the_lease_or_after_the_bid(long lease, long bid, params string[] words)
    {
        (await _exchange.Run(words)).ShouldSatisfyAllConditions(ran => ran.Error.ShouldBeEmpty(), ran => ran.Code.ShouldBe(0));
        var request = _exchange.Only<SetWorkloadRequest>();
        (request.LeaseId, request.BidId).ShouldBe((lease, bid));
        request.Workload.Command.ShouldBe(["nvidia-smi", "-L"]);
    }

    [Fact]
    public async Task The_same_request_id_is_the_same_workload()
    {
        await _exchange.Run("leases", "run", "12", "--image", "x", "--request-id", "0192f0c1-2d3e-7abc-8def-0123456789ab");
        _exchange.Only<SetWorkloadRequest>().WorkloadId.ShouldBe("0192f0c1-2d3e-7abc-8def-0123456789ab");
    }

    [Fact]
    public async Task A_log_is_read_to_its_end_and_followed_until_the_workload_is_over()
    {
        var parts = new Queue<ReadDeliveryLogResponse>([
            new() { Text = "step 1\n", NextOffset = 7 }, new() { NextOffset = 7 },
            new() { Text = "step 2\n", NextOffset = 14 }, new() { NextOffset = 14, Complete = true }]);
        _exchange.Answer((ReadDeliveryLogRequest _) => parts.Dequeue());
        (await _exchange.Run("leases", "logs", "8")).ShouldBe((0, "step 1\n", ""));

        parts = new([new() { Text = "step 1\n", NextOffset = 7 }, new() { NextOffset = 7 }, new() { Text = "step 2\n", NextOffset = 14 }, new() { NextOffset = 14, Complete = true }]);
        (await _exchange.Run("leases", "logs", "8", "--follow")).ShouldBe((0, "step 1\nstep 2\n", ""));
        _exchange.Asked<ReadDeliveryLogRequest>().Select(request => request.Offset).ShouldBe([0, 7, 0, 7, 7, 14]);
    }

    [Fact]
    public async Task A_watcher_hears_each_change_once_until_the_end()
    {
        var scheduled = new Delivery { DeliveryId = 8, Phase = DeliveryPhase.Scheduled };
        var interrupting = Active();
        (interrupting.Phase, interrupting.InterruptReason, interrupting.InterruptTime) = (DeliveryPhase.Interrupting, DeliveryCloseReason.Outbid, StandInExchange.Now.AddMinutes(2).ToTimestamp());
        var ended = Active();
        (ended.Phase, ended.CloseReason, ended.ExitCode) = (DeliveryPhase.Ended, DeliveryCloseReason.Outbid, 0);
        ended.Events.Add(new DeliveryEvent { AtTime = StandInExchange.Now.ToTimestamp(), Message = "Everything was removed." });
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = scheduled });
        _exchange.Tell<WatchDeliveryRequest, WatchDeliveryResponse>(
            new WatchDeliveryResponse { Delivery = Active() }, new WatchDeliveryResponse { Delivery = Active() }, new WatchDeliveryResponse { Delivery = interrupting }, new WatchDeliveryResponse { Delivery = ended });

        var (code, text, _) = await _exchange.Run("leases", "watch", "8");
        code.ShouldBe(0);
        text.TrimEnd().Split('\n').ShouldBe(
        [
            "lease 8 scheduled",
            "2026-03-02 09:30Z  The workload was started.",
            "lease 8 active, ssh at gpu.example:22022",
            "lease 8 interrupting: ends at 2026-03-02 09:32Z (outbid), ssh at gpu.example:22022",
            "2026-03-02 09:30Z  Everything was removed.",
            "lease 8 ended: outbid, exit code 0",
        ]);

        var lines = (await _exchange.Run("leases", "watch", "8", "--json")).Output.TrimEnd().Split('\n');
        JsonNode.Parse(lines[^1])!["phase"]!.GetValue<string>().ShouldBe("ended");
        lines.ShouldAllBe(line => JsonNode.Parse(line)!["delivery_id"]!.GetValue<long>() == 8);
    }

    [Theory]
    [InlineData(DeliveryPhase.Active, "active", 0)]
    [InlineData(DeliveryPhase.Ended, "active", 1)]
    [InlineData(DeliveryPhase.Failed, "active", 1)]
    [InlineData(DeliveryPhase.Ended, "ended", 0)]
    [InlineData(DeliveryPhase.Failed, "ended", 1)]
    public async Task Waiting_answers_with_its_exit_code(DeliveryPhase phase, string word, int code)
    {
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = phase } });
        (await _exchange.Run("leases", "wait", "8", "--for", word)).Code.ShouldBe(code);
    }

    [Fact]
    public async Task Waiting_goes_on_until_it_is_so_and_gives_up_when_it_was_told_to()
    {
        var phases = new Queue<DeliveryPhase>([DeliveryPhase.Scheduled, DeliveryPhase.Active]);
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = phases.Dequeue() } });
        (await _exchange.Run("leases", "wait", "8")).ShouldBe((0, "lease 8 active\n", ""));

        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = DeliveryPhase.Scheduled } });
        (await _exchange.Run("leases", "wait", "8", "--within", "0.1s")).ShouldBe((1, "", "--within: after 0.1s it is still scheduled.\n"));
    }

    [Theory]
    [InlineData("gpu.example:22022", "ssh -p 22022 root@gpu.example")]
    [InlineData("[2001:db8::1]:22022", "ssh -p 22022 root@2001:db8::1")]
    [InlineData("gpu.example", "ssh -p 22 root@gpu.example")]
    public void The_way_in_is_a_command_to_type(string endpoint, string command) => LeaseLife.SshCommand(endpoint).ShouldBe(command);

    [Fact]
    public async Task Who_cannot_come_in_is_told_why()
    {
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = DeliveryPhase.Active, Workload = new Workload() } });
        (await _exchange.Run("leases", "ssh", "8")).Error.ShouldContain("--ssh-key");
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = DeliveryPhase.Provisioning, Workload = new Workload { SshPublicKeys = { Key } } } });
        (await _exchange.Run("leases", "ssh", "8")).Error.ShouldContain("provisioning");
        _exchange.Answer((GetDeliveryRequest _) => new GetDeliveryResponse { Delivery = Active() });
        (await _exchange.Run("leases", "ssh", "8")).ShouldBe((0, "ssh -p 22022 root@gpu.example\n", ""));
    }

    [Fact]
    public async Task An_extension_that_is_refused_is_no_success()
    {
        _exchange.Answer((ExtendLeaseRequest _) => new ExtendLeaseResponse { Accepted = true, BidId = 31 });
        (await _exchange.Run("leases", "extend", "8", "--hours", "6", "--limit", "2.60")).Output.ShouldContain("bid 31");
        _exchange.Only<ExtendLeaseRequest>().ShouldSatisfyAllConditions(request => request.LeaseId.ShouldBe(8), request => request.SlotCount.ShouldBe(6), request => request.LimitMicrosPerGpuHour.ShouldBe(2_600_000));

        _exchange.Answer((ExtendLeaseRequest _) => new ExtendLeaseResponse { Refusal = "the node is sold then" });
        (await _exchange.Run("leases", "extend", "8", "--hours", "6", "--limit", "2.60")).ShouldBe((1, "", "lease 8 is not extended: the node is sold then\n"));
    }

    [Fact]
    public async Task Ending_and_taking_back_say_where_the_delivery_stands_then()
    {
        var ending = Active();
        (ending.Phase, ending.InterruptReason, ending.InterruptTime, ending.SshEndpoint) = (DeliveryPhase.Interrupting, DeliveryCloseReason.Reclaimed, StandInExchange.Now.AddHours(1).ToTimestamp(), "");
        _exchange.Answer((ReclaimLeaseRequest _) => new ReclaimLeaseResponse { Delivery = ending });
        _exchange.Answer((EndDeliveryRequest _) => new EndDeliveryResponse { Delivery = new Delivery { DeliveryId = 8, Phase = DeliveryPhase.Ended, CloseReason = DeliveryCloseReason.BuyerEnded } });
        (await _exchange.Run("leases", "reclaim", "9", "--reason", "a fan broke")).ShouldBe((0, "lease 8 interrupting: ends at 2026-03-02 10:30Z (reclaimed)\n", ""));
        _exchange.Only<ReclaimLeaseRequest>().ShouldBe(new ReclaimLeaseRequest { LeaseId = 9, Reason = "a fan broke" });
        (await _exchange.Run("leases", "end", "8")).ShouldBe((0, "lease 8 ended: buyer ended\n", ""));
    }

    [Fact]
    public async Task Bidding_again_is_set_for_a_lease_or_a_bid_and_taken_back()
    {
        (await _exchange.Run("leases", "rebid", "8", "--limit", "2.50")).Code.ShouldBe(0);
        (await _exchange.Run("leases", "rebid", "--bid", "31", "--off")).Code.ShouldBe(0);
        _exchange.Asked<SetRebidRequest>().ShouldBe([new SetRebidRequest { LeaseId = 8, Enabled = true, LimitMicrosPerGpuHour = 2_500_000 }, new SetRebidRequest { BidId = 31 }]);
    }

    [Fact]
    public async Task Reselling_is_the_same_as_the_offer()
    {
        _exchange.Answer((PlaceResaleRequest request) => new PlaceResaleResponse { Offer = new Offer { OfferId = 5, FromTime = request.FromTime, ToTime = request.ToTime } });
        (await _exchange.Run("leases", "resell", "8", "--gpus", "2", "--from", "2026-03-02T12:00Z", "--hours", "3", "--reserve", "2")).Code.ShouldBe(0);
        _exchange.Only<PlaceResaleRequest>().LeaseId.ShouldBe(8);
    }

    [Fact]
    public async Task A_refused_part_of_a_workload_is_said_by_its_option()
    {
        _exchange.Answer<SetWorkloadRequest, SetWorkloadResponse>(_ => throw StandInExchange.Refusal(StatusCode.InvalidArgument, "holds a line break.", "workload.environment[HF_TOKEN]"));
        (await _exchange.Run("leases", "run", "12", "--image", "x")).Error.Trim().ShouldBe("--env: holds a line break.");
    }

    [Theory]
    [InlineData("lease", "leases", "run", "--image", "x")]
    [InlineData("lease", "leases", "run", "mine", "--image", "x")]
    [InlineData("lease", "leases", "run", "12", "--bid", "7", "--image", "x")]
    [InlineData("--image", "leases", "run", "12")]
    [InlineData("--env", "leases", "run", "12", "--image", "x", "--env", "=secret-1")]
    [InlineData("--env", "leases", "run", "12", "--image", "x", "--env", "MY-KEY=secret-1")]
    [InlineData("NO_SUCH_VARIABLE", "leases", "run", "12", "--image", "x", "--env", "NO_SUCH_VARIABLE")]
    [InlineData("nothing.env", "leases", "run", "12", "--image", "x", "--env-file", "/nothing.env")]
    [InlineData("--memory", "leases", "run", "12", "--image", "x", "--memory", "lots")]
    [InlineData("--disk", "leases", "run", "12", "--image", "x", "--disk", "-1G")]
    [InlineData("--cpus", "leases", "run", "12", "--image", "x", "--cpus", "all")]
    [InlineData("lease", "leases", "show", "mine")]
    [InlineData("--for", "leases", "wait", "8", "--for", "ever")]
    [InlineData("--within", "leases", "wait", "8", "--within", "soon")]
    [InlineData("--hours", "leases", "extend", "8", "--limit", "2")]
    [InlineData("--limit", "leases", "extend", "8", "--hours", "2")]
    [InlineData("--reason", "leases", "reclaim", "8")]
    [InlineData("lease", "leases", "rebid", "--off")]
    [InlineData("lease", "leases", "rebid", "8", "--bid", "7", "--off")]
    [InlineData("--limit", "leases", "rebid", "8")]
    [InlineData("--limit", "leases", "rebid", "8", "--off", "--limit", "2")]
    [InlineData("--reserve", "leases", "resell", "8", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2")]
    public async Task Wrong_input_is_a_sentence_with_its_field_and_nothing_is_changed(string field, params string[] words)
    {
        var refused = await _exchange.Run(words);
        (refused.Code, refused.Output).ShouldBe((1, ""));
        refused.Error.ShouldContain(field);
        refused.Error.ShouldNotContain("was not expected");
        refused.Error.ShouldNotContain("secret-1");
    }

    [Fact]
    public void A_private_key_is_not_taken()
    {
        Should.Throw<InputException>(() => WorkloadFiles.PublicKeys("--ssh-key", "id", ["-----BEGIN OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"])).Message.ShouldContain("id.pub");
        Should.Throw<InputException>(() => WorkloadFiles.PublicKeys("--ssh-key", "id", ["hello world"])).Message.ShouldContain("ssh-ed25519");
        Should.Throw<InputException>(() => WorkloadFiles.PublicKeys("--ssh-key", "id", ["# nobody"]));
        WorkloadFiles.PublicKeys("--ssh-key", "id", ["# ada", Key, "", Key]).ShouldBe([Key, Key]);
    }

    string In(string file) => Path.Combine(_exchange.Folder, file);

    static Delivery Active() => new()
    {
        DeliveryId = 8, LeaseIds = { 8, 9 }, NodeName = "rack-1", Phase = DeliveryPhase.Active, SshEndpoint = "gpu.example:22022", GpuUuids = { "GPU-a", "GPU-b" },
        Workload = new Workload { WorkloadId = "w", Command = { "python", "train.py" }, Environment = { ["HF_TOKEN"] = "" }, SshPublicKeys = { Key } },
        Meters =
        {
            new DeliveryMeter { LeaseId = 8, SoldGpuSeconds = 7_200, AgentGpuSeconds = 7_200, RegistryGpuSeconds = 7_000, DeliveredGpuSeconds = 7_000, Resolution = "the exchange did not hear of the node for 100 s" },
            new DeliveryMeter { LeaseId = 9, SoldGpuSeconds = 7_200, AgentGpuSeconds = 300, RegistryGpuSeconds = 300 },
        },
        Events = { new DeliveryEvent { AtTime = StandInExchange.Now.ToTimestamp(), Message = "The workload was started." } },
    };
}
