using System.Globalization;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>The exchange as people start it with a standby: engines die, and it goes on within seconds with the same books.</summary>
public sealed class StandbyHostTests(ITestOutputHelper output)
{
    /// <summary>How long it takes is measured where nothing else runs; here ten processes share what there is.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_two_engines_each_may_be_killed_and_every_service_finds_the_other()
    {
        await using var host = await RunningHost.Start(processes: true, standby: true);
        host.Addresses.AllOf(ServiceNames.MatchingEngine).Count.ShouldBe(2);
        host.Logs().ShouldNotContain("failed to start");
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        var epoch = (await Status(story)).Epoch;
        await story.MoveClock(Story.Start);
        for (var kills = 0; kills < 2; kills++)
        {
            int? owner;
            while ((owner = await OwnerBesideAStandby(host)) is null) await Task.Delay(100, Cancel);
            host.Processes.Single(process => process.Id == owner).Kill();
            var began = TimeProvider.System.GetTimestamp();
            await Status(story);
            var away = TimeProvider.System.GetElapsedTime(began);
            output.WriteLine($"answers {away.TotalMilliseconds:0} ms after an engine was killed");
            if (away > Soon) output.WriteLine(host.Logs());
            away.ShouldBeLessThan(Soon);

            // Every service finds the engine that serves now.
            await story.MoveClock(Story.Start.AddHours(kills + 1));
            var name = $"buyer {kills}";
            await story.Admit(name, Role.Buyer);
            await story.Ask(() => story.Operator.Settlement.DepositAsync(new DepositRequest
            {
                RequestId = Story.Id("deposit", name), ParticipantId = Story.Id("participant", name), AmountMicros = 100 * Money.MicrosPerDollar,
            }, cancellationToken: Cancel).ResponseAsync);
        }
        await story.EveryFactIsApplied();
        await story.BooksAreExact();
        (await Status(story)).Epoch.ShouldBeGreaterThanOrEqualTo(epoch + 2);
        (await host.Stop()).ExitCode.ShouldBe(0);
    }

    /// <summary>The process of the engine that owns the shard, when the other one is a standby.</summary>
    private static async Task<int?> OwnerBesideAStandby(RunningHost host)
    {
        var standings = await Task.WhenAll(host.Addresses.AllOf(ServiceNames.MatchingEngine).Select(EnginePair.StandingOf));
        if (standings.Count(one => one.StartsWith("standby", StringComparison.Ordinal)) != 1) return null;
        var owner = standings.SingleOrDefault(one => one.StartsWith("owner", StringComparison.Ordinal));
        return owner is null ? null : int.Parse(owner.Split("process=")[1].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static Task<GetEngineStatusResponse> Status(Story story) => Patience.Ask(
        () => story.Operator.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: Cancel).ResponseAsync, TimeSpan.FromSeconds(90), Cancel);
}
