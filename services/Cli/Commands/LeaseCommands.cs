using System.CommandLine;
using ComputeExchange.Cli.Commands.Leases;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx leases</c>: capacity bought or sold, and what was delivered.</summary>
public static class LeaseCommands
{
    static readonly Option<string?> State = States.Option<LeaseState>();
    static readonly Argument<long> Id = CommandShape.Whole<long>("lease", "The lease's number.");
    static readonly Argument<int> Slot = CommandShape.Whole<int>("slot", "Which of its slots, counted from 0.");
    static readonly Option<long> Seconds = CommandShape.Whole("--gpu-seconds", "N", "Healthy GPU-seconds. Default: everything that was sold.", orElse: -1L);

    /// <summary>What was delivered in a slot.</summary>
    public static readonly Sheet<LeaseMeter> Meter = new Sheet<LeaseMeter>("meters", "No slots.")
        .Count("Slot", "slot_index", meter => meter.SlotIndex)
        .Time("From", "from_time", meter => meter.FromTime)
        .Time("To", "to_time", meter => meter.ToTime)
        .Count("Sold GPU-seconds", "sold_gpu_seconds", meter => meter.SoldGpuSeconds)
        .Count("Delivered GPU-seconds", "delivered_gpu_seconds", meter => meter.DeliveredGpuSeconds)
        .Flag("Metered", "metered", meter => meter.Metered);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("leases", "Your leases, bought or sold: what runs on them, what it prints, coming in, going on, ending early, disputes.", [State, States.Most,
            CommandShape.Make("list", "Your leases, newest first; operators see everyone's.", State, States.Most).Does(List),
            DeliveryCard.Make(),
            RunCommand.Make(),
            .. WatchCommands.Make(),
            .. LeaseLife.Make(),
            OfferCommands.MakeResale("resell", "Offer what is left of a lease you bought: the same as cx offers resale."),
            DisputeCommands.MakeOpen(),
            CommandShape.Make("report", "Report how long the GPUs of a lease were healthy in one slot, where the node has no agent. The first report stands.", Id, Slot, Seconds).Does(Report)])
        .Does(List);

    static async Task List(Session session)
    {
        var (state, most) = (States.Read<LeaseState>(session, State), session.Line.GetValue(States.Most));
        session.Print.Rows(Rows.Leases, await Session.Pages<Lease>(async token =>
        {
            var request = new ListLeasesRequest { State = state, PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Registry.ListLeasesAsync(request, cancellationToken: cancel));
            return (reply.Leases, reply.NextPageToken);
        }, most));
    }

    static async Task Report(Session session)
    {
        var (id, slot) = (session.Line.GetValue(Id), session.Line.GetValue(Slot));
        var seconds = session.Line.GetValue(Seconds) is >= 0 and var given ? given : await Sold(session, id, slot);
        var request = new ReportMeterRequest { LeaseId = id, SlotIndex = slot, DeliveredGpuSeconds = seconds };
        var meter = (await session.Ask(cancel => session.Exchange.Registry.ReportMeterAsync(request, cancellationToken: cancel))).Meter;
        session.Print.Say($"lease {id} slot {slot} metered: {meter.DeliveredGpuSeconds} of {meter.SoldGpuSeconds} GPU-seconds");
        if (session.Print.IsJson) session.Print.Card(Meter, meter);
    }

    /// <summary>The lease of a number, of the caller's.</summary>
    public static async Task<Lease> Find(Session session, long id)
    {
        var token = "";
        do
        {
            var request = new ListLeasesRequest { PageSize = 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Registry.ListLeasesAsync(request, cancellationToken: cancel));
            if (reply.Leases.FirstOrDefault(lease => lease.LeaseId == id) is { } found) return found;
            token = reply.NextPageToken;
        }
        while (token.Length > 0);
        throw new InputException($"lease: {id} is not one of your leases.");
    }

    static async Task<long> Sold(Session session, long id, int slot)
    {
        var lease = await Find(session, id);
        return lease.Meters.FirstOrDefault(meter => meter.SlotIndex == slot)?.SoldGpuSeconds
            ?? throw new InputException($"slot: lease {id} has slots 0 to {lease.Meters.Count - 1}.");
    }
}
