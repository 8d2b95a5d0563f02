using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx status</c>: one look at whether the exchange is well.</summary>
public static class StatusCommand
{
    static readonly Sheet<GetEngineStatusResponse> Engine = new Sheet<GetEngineStatusResponse>("engine", "")
        .Number("Shard", "shard", engine => engine.Shard)
        .Number("Owner", "epoch", engine => engine.Epoch)
        .Number("Last command", "sequence", engine => engine.Sequence)
        .Number("Last event", "feed_number", engine => engine.FeedNumber)
        .Number("Run that clears", "clearing_run_id", engine => engine.ClearingRunId)
        .Text("Rules", "engine_version", engine => engine.EngineVersion)
        .Text("Journal hash", "journal_hash", engine => engine.JournalHash)
        .Text("State hash", "state_hash", engine => engine.StateHash);

    static readonly Sheet<Known> Services = new Sheet<Known>("services", "")
        .Text("Service", "service", known => known.Name)
        .Text("State", "state", known => known.Trouble ?? (known.Behind > 0 || known.Progress!.PendingCount > 0 ? "working" : "at rest"))
        .Count("Facts told", "last_number", known => known.Progress?.LastNumber)
        .Count("Behind", "behind_count", known => known.Progress is null ? null : known.Behind)
        .Count("Work due", "pending_count", known => known.Progress?.PendingCount)
        .Time("Clock", "clock_time", known => known.Progress?.ClockTime)
        .Text("Heard", "heard", known => known.Progress is null ? "" : string.Join(", ", known.Progress.Heard.Select(heard => $"{heard.Producer} {heard.AppliedNumber}")));

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("status", "The engine, how far each service has come, and whether the books agree. Exit code 1 if anything is wrong.")
        .Does(async session =>
        {
            var engine = await session.Ask(cancel => session.Exchange.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), cancellationToken: cancel));
            var services = new List<(string Name, GetProgressResponse? Progress, string? Trouble)>();
            foreach (var name in ServiceNames.Keepers)
            {
                try
                {
                    services.Add((name, await session.Ask(cancel => session.Exchange.FactsOf(name).GetProgressAsync(new GetProgressRequest(), cancellationToken: cancel)), null));
                }
                catch (RpcException refused)
                {
                    services.Add((name, null, RpcFailure.From(refused).ToString()));
                }
            }
            var told = services.Where(service => service.Progress is not null).ToDictionary(service => service.Name, service => service.Progress!.LastNumber);
            told[ServiceNames.Feed] = engine.FeedNumber;
            var known = services.Select(service => new Known(service.Name, service.Progress, service.Trouble,
                service.Progress?.Heard.Sum(heard => Math.Max(0, told.GetValueOrDefault(heard.Producer) - heard.AppliedNumber)) ?? 0)).ToList();
            var reconciled = await session.Ask(cancel => session.Exchange.Settlement.ReconcileAsync(new ReconcileRequest(), cancellationToken: cancel));

            session.Print.Say($"{session.Connection.Address}, clock {Show.Time(await session.Now())}, {engine.Markets.Count} markets, a run every {engine.Settings.RunIntervalSeconds} s");
            session.Print.Field("markets", engine.Markets.Count);
            session.Print.Card(Engine, engine);
            session.Print.Rows(Services, known);
            session.Print.Say(reconciled.Breaks.Count == 0
                ? $"Books: {reconciled.CheckCount} checks agree at feed number {reconciled.FeedNumber}."
                : $"Books: {reconciled.Breaks.Count} of {reconciled.CheckCount} checks disagree: {string.Join("; ", reconciled.Breaks)}");
            session.Print.Field("breaks", new JsonArray([.. reconciled.Breaks.Select(line => (JsonNode)line)]));
            return reconciled.Breaks.Count == 0 && known.All(service => service.Trouble is null) ? 0 : 1;
        });

    /// <param name="Name">The service.</param>
    /// <param name="Progress">What it answered.</param>
    /// <param name="Trouble">Why it did not.</param>
    /// <param name="Behind">Facts told by others that it has not applied.</param>
    sealed record Known(string Name, GetProgressResponse? Progress, string? Trouble, long Behind);
}
