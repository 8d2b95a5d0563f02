using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary><c>cx leases watch|wait|logs</c>: what goes on, as it goes on.</summary>
public static class WatchCommands
{
    /// <summary>Between two looks at what does not tell by itself.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    static readonly Option<string?> For = CommandShape.May("--for", "WORD", "What to wait for: active or ended. Default: active.");
    static readonly Option<string?> Within = CommandShape.May("--within", "TIME", "Give up after this time on your own clock, for example 10m. Default: never.");
    static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Go on with what is printed later, until the workload is over." };

    /// <summary>The commands.</summary>
    public static Command[] Make() =>
    [
        CommandShape.Make("logs", "What the workload of a lease printed; for its buyer alone.", DeliveryCard.Lease, Follow).Does(Logs),
        CommandShape.Make("watch", "Say each change of a delivery until it is over; with --json a document a line.", DeliveryCard.Lease).Does(Watch),
        CommandShape.Make("wait", "Wait until a delivery is active, or over. Exit code 1 if it failed, or is over before it was active.", DeliveryCard.Lease, For, Within).Does(Wait),
    ];

    static async Task Logs(Session session)
    {
        var request = new ReadDeliveryLogRequest { LeaseId = session.Line.GetValue(DeliveryCard.Lease), Size = 1_048_576 };
        var (follow, all) = (session.Line.GetValue(Follow), new System.Text.StringBuilder());
        while (true)
        {
            var part = await session.Ask(cancel => session.Exchange.Deliveries.ReadDeliveryLogAsync(request, cancellationToken: cancel));
            var isMore = part.NextOffset > request.Offset;
            if (!session.Print.IsJson) await session.Print.Output.WriteAsync(part.Text);
            else if (!follow) all.Append(part.Text);
            else if (isMore) session.Print.Happened(new JsonObject { ["offset"] = request.Offset, ["text"] = part.Text });
            await session.Print.Output.FlushAsync(session.Cancel);
            request.Offset = part.NextOffset;
            if (isMore) continue;
            if (!follow || part.Complete)
            {
                if (!follow) session.Print.Field("text", all.ToString());
                session.Print.Field("next_offset", part.NextOffset);
                session.Print.Field("complete", part.Complete);
                return;
            }
            await Task.Delay(Pause, session.Cancel);
        }
    }

    static async Task<int> Watch(Session session)
    {
        var (told, line) = ((DeliveryEvent?)null, "");
        var last = await Changes(session, delivery =>
        {
            // Of a long story only the last events come: those after the one that was told last are new.
            foreach (var happened in delivery.Events.Skip(told is null ? 0 : delivery.Events.ToList().LastIndexOf(told) + 1)) session.Print.Say($"{Show.Time(happened.AtTime)}  {happened.Message}");
            told = delivery.Events.LastOrDefault() ?? told;
            var now = DeliveryCard.Line(delivery);
            if (now != line) session.Print.Say(now);
            line = now;
            session.Print.Happened(DeliveryCard.Whole.Json(delivery));
            return IsOver(delivery);
        });
        return last.Phase == DeliveryPhase.Failed ? 1 : 0;
    }

    static async Task<int> Wait(Session session)
    {
        var word = session.Line.GetValue(For) ?? "active";
        if (word is not ("active" or "ended")) throw new InputException($"{For.Name}: \"{word}\" is not one of active, ended.");
        var patience = session.Line.GetValue(Within) is { } within ? DurationWords.Parse(Within.Name, within) : Timeout.InfiniteTimeSpan;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(session.Cancel);
        over.CancelAfter(patience);
        var seen = DeliveryPhase.Unspecified;
        try
        {
            while (true)
            {
                var delivery = await DeliveryCard.Get(session, session.Line.GetValue(DeliveryCard.Lease));
                seen = delivery.Phase;
                if (IsOver(delivery) || (word == "active" && seen is DeliveryPhase.Active or DeliveryPhase.Interrupting))
                {
                    session.Print.Say(DeliveryCard.Line(delivery));
                    if (session.Print.IsJson) session.Print.Card(DeliveryCard.Whole, delivery);
                    return seen switch { DeliveryPhase.Failed => 1, DeliveryPhase.Ended => word == "ended" ? 0 : 1, _ => 0 };
                }
                await Task.Delay(Pause, over.Token);
            }
        }
        catch (OperationCanceledException) when (!session.Cancel.IsCancellationRequested)
        {
            throw new InputException($"{Within.Name}: after {session.Line.GetValue(Within)} it is still {Show.Word(seen)}.");
        }
    }

    /// <summary>Each state of a delivery until it is enough; a stream that breaks is opened again.</summary>
    static async Task<Delivery> Changes(Session session, Func<Delivery, bool> isEnough)
    {
        var request = new WatchDeliveryRequest { LeaseId = session.Line.GetValue(DeliveryCard.Lease) };
        var delivery = await DeliveryCard.Get(session, request.LeaseId);
        while (!isEnough(delivery))
        {
            try
            {
                // The stream tells what changes from now on: what is there is asked for once it is open, and with each sign of life.
                using var stream = session.Exchange.Deliveries.WatchDelivery(request, cancellationToken: session.Cancel);
                if (isEnough(delivery = await DeliveryCard.Get(session, request.LeaseId))) return delivery;
                await foreach (var change in stream.ResponseStream.ReadAllAsync(session.Cancel))
                    if (isEnough(delivery = change.Delivery ?? await DeliveryCard.Get(session, request.LeaseId))) return delivery;
            }
            catch (RpcException broken) when (broken.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.DeadlineExceeded && !session.Cancel.IsCancellationRequested)
            {
                await session.Error.WriteLineAsync($"The stream broke and is opened again. ({broken.Status.Detail})");
            }
            await Task.Delay(Pause, session.Cancel);
        }
        return delivery;
    }

    static bool IsOver(Delivery delivery) => delivery.Phase is DeliveryPhase.Ended or DeliveryPhase.Failed;
}
