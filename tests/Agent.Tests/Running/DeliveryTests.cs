using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Running;

/// <summary>What a buyer and a registry notice of the real agent.</summary>
public class DeliveryTests
{
    private const string Secret = "hunter2-is-not-to-be-seen";

    [Fact]
    public async Task A_workload_gets_its_GPUs_runs_its_hour_and_leaves_nothing()
    {
        await using var host = await AgentHost.Begin();
        const string script = """
            echo gpus=$CUDA_VISIBLE_DEVICES=$NVIDIA_VISIBLE_DEVICES home=$HOME token=$TOKEN user=$(id -u)
            touch /tmp/mine && echo wrote > $HOME/file && cat $HOME/file
            ls /home; ls "$STATE" 2>&1
            (setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' >/dev/null 2>&1 &)
            trap 'echo told; exit 7' TERM
            echo ready
            while :; do sleep 0.1; done
            """;
        host.Book.Want(host.Delivery(11, 2, AgentHost.Shell(script, "w1", ("TOKEN", Secret), ("STATE", host.State))));
        await host.UntilPhase(11, DeliveryPhase.Provisioning);

        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(11).Contains("ready"), "the workload runs");
        host.Book.MoveTo(AgentHost.Ten.AddHours(1));
        await host.Until(() => host.Book.ReportsOf(11).LastOrDefault() is { Removed: true }, "everything is removed");

        var log = host.Book.LogOf(11);
        log.ShouldContain($"gpus={host.Gpus[0]},{host.Gpus[1]}={host.Gpus[0]},{host.Gpus[1]} home=/home/workload token=*** ");
        log.ShouldNotContain("user=0");
        log.ShouldContain("wrote");
        log.ShouldContain("told");
        log.ShouldNotContain("deliveries");
        var last = host.Book.ReportsOf(11).Last();
        (last.Phase, last.CloseReason, last.ExitCode, last.WorkloadRunning).ShouldBe((DeliveryPhase.Ended, DeliveryCloseReason.Completed, 7, false));
        host.Book.ReportsOf(11).Select(report => report.Phase).Distinct().ShouldBe([DeliveryPhase.Provisioning, DeliveryPhase.Active, DeliveryPhase.Ended]);

        var readings = host.Book.ReadingsOf(11);
        readings.Sum(reading => reading.HealthyGpuSeconds).ShouldBe(7_200);
        readings[0].FromTime.ToDateTimeOffset().ShouldBe(AgentHost.Ten);
        readings[^1].ToTime.ToDateTimeOffset().ShouldBe(AgentHost.Ten.AddHours(1));
        readings.Zip(readings.Skip(1)).ShouldAllBe(pair => pair.First.ToTime.Equals(pair.Second.FromTime));

        Directory.Exists(host.RoomOf(11)).ShouldBeFalse();
        AgentHost.ProcessesWith(host.RoomOf(11), "environ").ShouldBeEmpty();
        AgentHost.ProcessesWith("trap \"\" TERM HUP", "cmdline").ShouldBeEmpty();
        host.Book.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Secrets_are_in_no_list_of_processes_no_log_and_no_file_after_the_end()
    {
        await using var host = await AgentHost.Begin();
        const string script = """
            printf '%s' "${TOKEN%%seen}"; sleep 1; printf 'seen\n'; echo "$TOKEN" >&2
            echo "/run/$TOKEN: $KEY"
            echo printed; while :; do sleep 0.1; done
            """;
        var workload = AgentHost.Shell(script, "w1", ("TOKEN", Secret), ("KEY", "first line\nsecond line of a key"));
        host.Book.Want(host.Delivery(12, 1, workload));
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(12).Contains("printed"), "it printed");

        AgentHost.ProcessesWith(Secret, "cmdline").ShouldBeEmpty();
        AgentHost.ProcessesWith(Secret, "environ").ShouldNotBeEmpty();
        host.Book.LogOf(12).ShouldBe("***\n***\n/run/***: ***\nprinted\n");
        host.Book.Want();
        await host.Until(() => host.Book.ReportsOf(12).Last().Removed, "it is removed");

        host.Said.ShouldNotContain(Secret);
        string.Join('\n', host.Book.Records).ShouldNotContain(Secret);
        Directory.EnumerateFiles(host.State, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock" && File.ReadAllText(file).Contains(Secret)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_was_killed_finds_its_workload_again_and_goes_on()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(13, 2, AgentHost.Shell("i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done")));
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(13).Contains("line 3\n"), "it runs");
        host.Book.MoveTo(AgentHost.Ten.AddMinutes(10));
        await host.Until(() => host.Book.ReadingsOf(13).Count > 0, "it is metered");
        var workload = AgentHost.ProcessesWith(host.RoomOf(13), "environ").Order().ToList();

        await host.KillAgent();
        AgentHost.ProcessesWith(host.RoomOf(13), "environ").Order().ShouldBe(workload);
        host.Book.MoveTo(AgentHost.Ten.AddMinutes(20));
        var shown = host.Book.LogOf(13).Length;
        host.StartAgent();
        await host.Until(() => host.Book.LogOf(13).Length > shown + 200, "its log goes on");

        AgentHost.ProcessesWith(host.RoomOf(13), "environ").Order().ShouldBe(workload);
        host.Book.Hellos.Last().Deliveries.Single().ShouldSatisfyAllConditions(report => report.DeliveryId.ShouldBe(13), report => report.WorkloadRunning.ShouldBeTrue());
        host.Book.MoveTo(AgentHost.Ten.AddHours(1));
        await host.Until(() => host.Book.ReportsOf(13).Last().Removed, "it ends");

        var lines = host.Book.LogOf(13).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldBe(Enumerable.Range(1, lines.Length).Select(number => $"line {number}"));
        var readings = host.Book.ReadingsOf(13);
        readings.Sum(reading => reading.HealthyGpuSeconds).ShouldBe(7_200);
        readings.Zip(readings.Skip(1)).ShouldAllBe(pair => pair.First.ToTime.Equals(pair.Second.FromTime));
        AgentHost.ProcessesWith(host.RoomOf(13), "environ").ShouldBeEmpty();
        host.Book.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_comes_back_after_the_end_cleans_up()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(14, 1, AgentHost.Shell("echo up; exec sleep 1000")));
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(14).Contains("up"), "it runs");
        await host.KillAgent();
        host.Book.MoveTo(AgentHost.Ten.AddHours(3));
        host.Book.Want();

        host.StartAgent();

        await host.Until(() => host.Book.ReportsOf(14).Last() is { Phase: DeliveryPhase.Ended, Removed: true }, "it is removed");
        host.Book.ReadingsOf(14)[^1].ToTime.ToDateTimeOffset().ShouldBe(AgentHost.Ten.AddHours(1));
        AgentHost.ProcessesWith(host.RoomOf(14), "environ").ShouldBeEmpty();
        Directory.Exists(host.RoomOf(14)).ShouldBeFalse();
    }

    [Fact]
    public async Task Records_arrive_once_and_in_order_whatever_becomes_of_the_registry_and_the_agent()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Acknowledges = false;
        host.Book.Want(host.Delivery(15, 1));
        host.Book.MoveTo(AgentHost.Ten);
        await host.UntilPhase(15, DeliveryPhase.Active);
        host.Book.MoveTo(AgentHost.Ten.AddMinutes(5));
        await host.Until(() => host.Book.ReadingsOf(15).Count == 5, "five readings");
        await host.Registry.Stop();
        await host.KillAgent();
        await host.Registry.Start();
        host.StartAgent();
        await host.Until(() => host.Book.Repeats >= host.Book.Records.Count, "what was not acknowledged came again");

        host.Book.Acknowledges = true;
        await host.Registry.Stop();
        await host.Registry.Start();
        await host.Until(() => host.Book.Hellos.Count >= 3, "the agent is connected again");
        host.Book.MoveTo(AgentHost.Ten.AddHours(1));
        await host.Until(() => host.Book.ReportsOf(15).Last().Removed, "it ended");

        host.Book.ReadingsOf(15).Sum(reading => reading.HealthyGpuSeconds).ShouldBe(3_600);
        host.Book.Records.Select(record => record.Number).ShouldBe(Enumerable.Range(1, host.Book.Records.Count).Select(number => (long)number));
        host.Book.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_notice_is_read_at_the_metadata_door_before_the_workload_is_ended()
    {
        await using var host = await AgentHost.Begin();
        const string script = """
            port=${CX_METADATA_URL##*:}
            ask() { exec 3<>/dev/tcp/127.0.0.1/$port; printf "GET $1 HTTP/1.1\r\n\r\n" >&3; cat <&3 | tr -d '\r' | sed -n '1p;$p'; exec 3<&-; }
            trap 'echo ended by TERM; exit 0' TERM
            trap 'echo notified' USR1
            ask /latest/delivery; ask /latest/instance-action; echo asked
            while ! ask /latest/instance-action | grep terminate; do sleep 0.2; done
            while :; do sleep 0.1; done
            """;
        var workload = new Workload { WorkloadId = "w1", Command = { "bash", "-c", script }, Environment = { ["CX_NOTICE_SIGNAL"] = "USR1" } };
        var delivery = host.Delivery(16, 1, workload);
        host.Book.Want(delivery);
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(16).Contains("asked"), "it asked");
        host.Book.LogOf(16).ShouldContain("\"delivery_id\":\"16\"");
        host.Book.LogOf(16).ShouldContain("404 Not Found");

        var warned = delivery.Clone();
        warned.InterruptTime = AgentHost.Ten.AddMinutes(30).ToTimestamp();
        warned.InterruptReason = DeliveryCloseReason.Outbid;
        host.Book.Want(warned);
        await host.UntilPhase(16, DeliveryPhase.Interrupting);
        await host.Until(() => host.Book.LogOf(16).Contains("\"action\":\"terminate\",\"time\":\"2031-03-01T10:30:00Z\"") && host.Book.LogOf(16).Contains("notified"), "it read the notice");
        host.Book.LogOf(16).ShouldNotContain("ended by TERM");
        host.Book.MoveTo(AgentHost.Ten.AddMinutes(30));
        await host.Until(() => host.Book.ReportsOf(16).Last().Removed, "it ended");

        host.Book.LogOf(16).ShouldContain("ended by TERM");
        host.Book.ReportsOf(16).Last().CloseReason.ShouldBe(DeliveryCloseReason.Outbid);
        host.Book.ReadingsOf(16).Sum(reading => reading.HealthyGpuSeconds).ShouldBe(1_800);
    }

    [Fact]
    public async Task Another_workload_replaces_what_runs_and_keeps_its_files()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(17, 2, AgentHost.Shell("echo one > file; echo first; exec sleep 1000")));
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(17).Contains("first"), "the first runs");

        host.Book.Want(host.Delivery(17, 1, AgentHost.Shell("cat file; echo $CUDA_VISIBLE_DEVICES; exit 3", "w2")));
        await host.Until(() => host.Book.ReportsOf(17).Last() is { HasExitCode: true, ExitCode: 3 }, "the second ended");
        await host.Until(() => host.Book.LogOf(17) == $"first\none\n{host.Gpus[0]}\n", "its log is there");
        host.Book.ReportsOf(17).Last().Phase.ShouldBe(DeliveryPhase.Active);
    }

    [Fact]
    public async Task GPUs_that_their_owner_uses_at_the_begin_fail_the_delivery()
    {
        await using var host = await AgentHost.Begin();
        host.Play(busy: "1");
        host.Book.Want(host.Delivery(18));
        host.Book.MoveTo(AgentHost.Ten);
        await host.UntilPhase(18, DeliveryPhase.Failed);

        host.Book.ReportsOf(18).Last().CloseReason.ShouldBe(DeliveryCloseReason.GpuInUseByOwner);
        host.Book.ReadingsOf(18).ShouldBeEmpty();
        await host.Until(() => host.Book.Heartbeats.Last().Gpus.Count(gpu => gpu.ForeignProcessCount > 0) == 1, "the heartbeat says which");
    }

    [Fact]
    public async Task A_lost_GPU_fails_the_delivery_and_its_seconds_do_not_count()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(19, 2, AgentHost.Shell("echo up; exec sleep 1000")));
        host.Book.MoveTo(AgentHost.Ten);
        await host.Until(() => host.Book.LogOf(19).Contains("up"), "it runs");
        host.Book.MoveTo(AgentHost.Ten.AddMinutes(10));
        await host.Until(() => host.Book.ReadingsOf(19).Count == 10, "ten minutes");
        host.Play(lost: "1");
        await host.UntilPhase(19, DeliveryPhase.Failed);
        await host.Until(() => host.Book.ReportsOf(19).Last().Removed, "it is removed");

        host.Book.ReportsOf(19).Last().CloseReason.ShouldBe(DeliveryCloseReason.GpuFailed);
        host.Book.ReadingsOf(19).Sum(reading => reading.HealthyGpuSeconds).ShouldBe(1_200);
    }

    [Fact]
    public async Task An_image_on_a_node_without_containers_is_answered_and_fails_nobody()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(20, 1, new Workload { WorkloadId = "w1", Image = "pytorch:latest" }));
        host.Book.MoveTo(AgentHost.Ten);
        await host.UntilPhase(20, DeliveryPhase.Active);

        host.Book.ReportsOf(20).Last().Message.ShouldContain("simulated node");
    }

    [Fact]
    public async Task A_workload_cannot_take_more_memory_than_its_share_and_starts_again_if_it_asked_to()
    {
        await using var host = await AgentHost.Begin();
        var workload = AgentHost.Shell("echo run; if [ -f again ]; then exec sleep 1000; fi; touch again; head -c 300m /dev/zero | tail >/dev/null || exit 1; echo too much");
        (workload.MemoryBytes, workload.RestartOnFailure) = (64 << 20, true);
        host.Book.Want(host.Delivery(22, 1, workload));
        host.Book.MoveTo(AgentHost.Ten);

        await host.Until(() => host.Book.LogOf(22).Split('\n').Count(line => line == "run") == 2, "it runs again");

        host.Book.LogOf(22).ShouldNotContain("too much");
        host.Book.ReportsOf(22).ShouldContain(report => report.HasExitCode && report.ExitCode != 0);
        host.Book.ReportsOf(22).Last().WorkloadRunning.ShouldBeTrue();
    }

    [Fact]
    public async Task A_self_test_is_made_once_on_the_GPUs_that_nobody_has()
    {
        await using var host = await AgentHost.Begin();
        host.Book.Want(host.Delivery(21));
        host.Book.MoveTo(AgentHost.Ten);
        await host.UntilPhase(21, DeliveryPhase.Active);
        host.Book.Want(new SelfTestAsk { TestId = "t-1", Seed = 7 }, host.Delivery(21));
        await host.Until(() => host.Book.Records.Any(record => record.SelfTest is not null), "it is made");

        var report = host.Book.Records.Single(record => record.SelfTest is not null).SelfTest;
        report.TestId.ShouldBe("t-1");
        report.Gpus.Select(gpu => gpu.Uuid).ShouldBe(host.Gpus.Skip(2));
        report.ExchangeRoundTripMicros.ShouldBeGreaterThan(0);
    }
}
