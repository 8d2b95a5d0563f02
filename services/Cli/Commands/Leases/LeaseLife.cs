using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary><c>cx leases ssh|extend|end|reclaim|rebid</c>: coming in, going on, and ending early.</summary>
public static class LeaseLife
{
    static readonly Argument<string?> LeaseOrBid = CommandShape.Optional("lease", "The lease's number; or --bid.");
    static readonly Option<int> Hours = CommandShape.Whole<int>("--hours", "N", "How many hours more, 1 to 72.", required: true);
    static readonly Option<string> Limit = CommandShape.Required("--limit", "PRICE", "The most you pay on the mean: dollars for one GPU for one hour, for example 2.50.");
    static readonly Option<string?> RebidLimit = CommandShape.May("--limit", "PRICE", "Up to this price: dollars for one GPU for one hour, for example 2.50.");
    static readonly Option<bool> Off = new("--off") { Description = "What fails is not bid for again." };
    static readonly Option<string> Reason = CommandShape.Required("--reason", "TEXT", "Why, for the buyer.");

    /// <summary>The commands.</summary>
    public static Command[] Make() =>
    [
        CommandShape.Make("ssh", "Print the command by which you come in.", DeliveryCard.Lease).Does(Ssh),
        CommandShape.Make("extend", "Bid for the hours after a lease on the same GPUs; if they are bought, what runs goes on.", DeliveryCard.Lease, Hours, Limit, CommandShape.RequestId).Does(Extend),
        CommandShape.Make("end", "End a delivery now. What is left of it is paid for all the same: cx leases resell gets something back.", DeliveryCard.Lease).Does(End),
        CommandShape.Make("reclaim", "Take a lease back as its provider, with your policy's notice; the buyer is refunded and compensated out of your bond.", DeliveryCard.Lease, Reason).Does(Reclaim),
        CommandShape.Make("rebid", "Have what fails of a lease, or of all that a bid buys, bid for again by itself.", LeaseOrBid, RunCommand.Bid, RebidLimit, Off).Does(Rebid),
    ];

    /// <summary>What to type to come in at "host:port".</summary>
    public static string SshCommand(string endpoint)
    {
        var cut = endpoint.LastIndexOf(':');
        var (host, port) = cut > 0 && int.TryParse(endpoint[(cut + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? (endpoint[..cut].Trim('[', ']'), endpoint[(cut + 1)..]) : (endpoint, "22");
        return $"ssh -p {port} root@{host}";
    }

    static async Task Ssh(Session session)
    {
        var delivery = await DeliveryCard.Get(session, session.Line.GetValue(DeliveryCard.Lease));
        if (delivery.SshEndpoint.Length == 0)
        {
            throw new InputException(delivery.Workload is not { SshPublicKeys.Count: > 0 }
                ? $"lease: no SSH key was given for lease {delivery.DeliveryId}: cx leases run {delivery.DeliveryId} --ssh-key FILE."
                : $"lease: lease {delivery.DeliveryId} is {Show.Word(delivery.Phase)} and cannot be reached by SSH{(delivery.Phase is DeliveryPhase.Scheduled or DeliveryPhase.Provisioning ? " yet" : "")}{(delivery.Message.Length > 0 ? $": {delivery.Message}" : ".")}");
        }
        session.Print.Say(SshCommand(delivery.SshEndpoint));
        session.Print.Field("command", SshCommand(delivery.SshEndpoint));
        session.Print.Field("ssh_endpoint", delivery.SshEndpoint);
    }

    static async Task<int> Extend(Session session)
    {
        var request = new ExtendLeaseRequest
        {
            RequestId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId)),
            LeaseId = session.Line.GetValue(DeliveryCard.Lease),
            SlotCount = session.Line.GetValue(Hours),
            LimitMicrosPerGpuHour = MoneyWords.Price(Limit.Name, session.Line.GetRequiredValue(Limit)).MicrosPerGpuHour,
        };
        var reply = await session.Ask(cancel => session.Exchange.Deliveries.ExtendLeaseAsync(request, cancellationToken: cancel));
        if (reply.Accepted) session.Print.Say($"bid {reply.BidId} for {request.SlotCount} hours more of lease {request.LeaseId} up to {Show.Price(request.LimitMicrosPerGpuHour)}: the coming runs buy it or not, cx bid show {reply.BidId} says which (request {request.RequestId})");
        else await session.Error.WriteLineAsync($"lease {request.LeaseId} is not extended: {reply.Refusal}");
        session.Print.Field("accepted", reply.Accepted);
        session.Print.Field("bid_id", reply.Accepted ? reply.BidId : null);
        session.Print.Field("refusal", reply.Accepted ? null : reply.Refusal);
        session.Print.Field("request_id", request.RequestId);
        return reply.Accepted ? 0 : 1;
    }

    static async Task End(Session session)
    {
        var request = new EndDeliveryRequest { LeaseId = session.Line.GetValue(DeliveryCard.Lease) };
        Tell(session, (await session.Ask(cancel => session.Exchange.Deliveries.EndDeliveryAsync(request, cancellationToken: cancel))).Delivery);
    }

    static async Task Reclaim(Session session)
    {
        var request = new ReclaimLeaseRequest { LeaseId = session.Line.GetValue(DeliveryCard.Lease), Reason = session.Line.GetRequiredValue(Reason) };
        Tell(session, (await session.Ask(cancel => session.Exchange.Deliveries.ReclaimLeaseAsync(request, cancellationToken: cancel))).Delivery);
    }

    static void Tell(Session session, Delivery delivery)
    {
        session.Print.Say(DeliveryCard.Line(delivery));
        if (session.Print.IsJson) session.Print.Card(DeliveryCard.Whole, delivery);
    }

    static async Task Rebid(Session session)
    {
        var (lease, bid) = (session.Line.GetValue(LeaseOrBid), session.Line.GetValue(RunCommand.Bid));
        var (limit, isOff) = (session.Line.GetValue(RebidLimit), session.Line.GetValue(Off));
        if (lease is null == bid is null) throw new InputException("lease: give a lease or --bid, one of them.");
        if (limit is null != isOff) throw new InputException($"{RebidLimit.Name}: give a limit, for example --limit 2.50, or --off.");
        var request = new SetRebidRequest
        {
            LeaseId = lease is null ? 0 : Number(lease),
            BidId = bid ?? 0,
            Enabled = !isOff,
            LimitMicrosPerGpuHour = limit is null ? 0 : MoneyWords.Price(RebidLimit.Name, limit).MicrosPerGpuHour,
        };
        await session.Ask(cancel => session.Exchange.Deliveries.SetRebidAsync(request, cancellationToken: cancel));
        var what = request.LeaseId > 0 ? $"lease {request.LeaseId}" : $"what bid {request.BidId} buys";
        session.Print.Say(request.Enabled ? $"{what}: failed hours are bid for again up to {Show.Price(request.LimitMicrosPerGpuHour)}" : $"{what}: failed hours are not bid for again");
        session.Print.Field("lease_id", request.LeaseId > 0 ? request.LeaseId : null);
        session.Print.Field("bid_id", request.BidId > 0 ? request.BidId : null);
        session.Print.Field("enabled", request.Enabled);
        session.Print.Field("limit_micros_per_gpu_hour", request.LimitMicrosPerGpuHour);
    }

    static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lease) && lease > 0
        ? lease
        : throw new InputException($"lease: \"{text}\" is not a lease's number.");
}
