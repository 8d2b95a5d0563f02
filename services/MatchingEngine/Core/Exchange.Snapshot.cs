using System.Security.Cryptography;
using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;
using ComputeExchange.Values.Auctions;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>The whole state as bytes: what a snapshot keeps, and what two engines compare.</summary>
/// <remarks>What is written and what is read stand side by side, part by part, in the same order.</remarks>
public sealed partial class Exchange
{
    /// <summary>The layout of <see cref="Write"/>. It changes with every change of the layout; only what was written in this one, or in the one before, is read.</summary>
    public const byte StateFormat = 4;

    /// <summary>The layout before there were traits and needs.</summary>
    private const byte FormatWithoutNodes = 3;

    /// <summary>Stands for a fee rate where the participant has none of its own.</summary>
    private const int MarketRate = -1;

    /// <summary>SHA-256 over everything the engine decides on, in a fixed order; hexadecimal.</summary>
    public string StateHash()
    {
        using var stream = new MemoryStream();
        using var write = new BinaryWriter(stream);
        Write(write);
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    /// <summary>Writes everything the engine decides on, in a fixed order: equal states give equal bytes.</summary>
    public void Write(BinaryWriter write)
    {
        write.Write(StateFormat);
        write.Write(Now.UtcTicks);
        Write(write, Settings);
        foreach (var last in (long[])[_lastOffer, _lastBid, _lastLease, _lastRun]) write.Write(last);
        Write(write, _markets, market =>
        {
            write.Write(market.Key);
            write.Write(market.Value);
        });
        Write(write, [.. _participants.Values.OrderBy(participant => participant.Id)], participant => Write(write, participant));
        Write(write, [.. _nodes.Values.OrderBy(node => node.Id)], node => Write(write, node));
        Write(write, _offers.Values, offer => Write(write, offer));
        Write(write, _bids.Values, bid => Write(write, bid));
        Write(write, _leases.Values, lease =>
        {
            write.Write(lease.Id);
            Write(write, lease.Provider);
            Write(write, lease.Bonds, write.Write);
            Write(write, lease.Buyer);
            Write(write, lease.Node.Id);
            write.Write(lease.Gpus);
            write.Write(lease.From);
            Write(write, lease.Resold);
            write.Write(lease.ResoldFrom);
            Write(write, lease.Needs);
        });
        Write(write, _lastPrices, slot =>
        {
            write.Write(slot.Key);
            Write(write, slot.Value, price =>
            {
                write.Write(price.Key);
                write.Write(price.Value.MicrosPerGpuHour);
            });
        });
        write.Write(_clearing is not null);
        if (_clearing is not null) Write(write, _clearing);
        Write(write, _accounts, account => Write(write, account));
        _futures.Write(write);
        Write(write, _busts, bust =>
        {
            write.Write(bust.Key);
            Write(write, bust.Value.Operator);
            write.Write(bust.Value.Reason);
            write.Write(bust.Value.Until.UtcTicks);
        });
    }

    /// <summary>The state that was written: it has the same hash, and goes on in the same way.</summary>
    /// <exception cref="InvalidDataException">It is in another format, or no state at all.</exception>
    public static Exchange Read(BinaryReader read)
    {
        var format = read.ReadByte();
        if (format is not (StateFormat or FormatWithoutNodes))
            throw new InvalidDataException($"The state is in format {format}; this engine reads {StateFormat}.");
        var exchange = new Exchange
        {
            Now = new DateTimeOffset(read.ReadInt64(), TimeSpan.Zero),
            Settings = ReadSettings(read),
            _lastOffer = read.ReadInt64(),
            _lastBid = read.ReadInt64(),
            _lastLease = read.ReadInt64(),
            _lastRun = read.ReadInt64(),
        };
        Read(read, () => exchange._markets.Add(read.ReadString(), read.ReadBoolean()));
        Read(read, () => Add(exchange._participants, ReadParticipant(read), participant => participant.Id));
        Read(read, () => Add(exchange._nodes, ReadNode(read, format), node => node.Id));
        Read(read, () => exchange.Add(ReadOffer(read, format, exchange._nodes)));
        Read(read, () => exchange.Restore(ReadBid(read, format)));
        Read(read, () => Add(exchange._leases, ReadLease(read, format, exchange._nodes), lease => lease.Id));
        Read(read, () =>
        {
            var prices = new SortedDictionary<string, Price>(StringComparer.Ordinal);
            exchange._lastPrices.Add(read.ReadInt64(), prices);
            Read(read, () => prices.Add(read.ReadString(), new Price(read.ReadInt64())));
        });
        if (read.ReadBoolean()) exchange._clearing = exchange.ReadClearing(read);
        Read(read, () => exchange._accounts.Add(ReadGuid(read)));
        exchange._futures.Read(read);
        for (var account = 0; account < exchange._accounts.Count; account++)
            exchange._participants[exchange._accounts[account]].TakeAccount(exchange._futures, account);
        Read(read, () => exchange._busts.Add(read.ReadInt64(), (ReadGuid(read), read.ReadString(), new DateTimeOffset(read.ReadInt64(), TimeSpan.Zero))));
        return exchange;
    }

    private static void Write(BinaryWriter write, Settings settings)
    {
        foreach (var number in (int[])
            [
                settings.SlotMinutes, settings.HorizonSlots, settings.GateMinutes, settings.RunIntervalSeconds, settings.BuyerFeePpm, settings.SellerFeePpm,
                settings.BondPpm, settings.MostGpusPerBid, settings.MostOpenBids, settings.LeastPromptMinutes, settings.SolveAgainSeconds, settings.MostSolveAttempts,
                settings.MostOpenBlocks, settings.ClusterGateMinutes, settings.StandingSlots,
            ]) write.Write(number);
        foreach (var number in (long[])[settings.LeastBondMicros, settings.TickMicros, settings.HighestPriceMicros, settings.SolverNodes]) write.Write(number);
    }

    private static Settings ReadSettings(BinaryReader read) => new()
    {
        SlotMinutes = read.ReadInt32(),
        HorizonSlots = read.ReadInt32(),
        GateMinutes = read.ReadInt32(),
        RunIntervalSeconds = read.ReadInt32(),
        BuyerFeePpm = read.ReadInt32(),
        SellerFeePpm = read.ReadInt32(),
        BondPpm = read.ReadInt32(),
        MostGpusPerBid = read.ReadInt32(),
        MostOpenBids = read.ReadInt32(),
        LeastPromptMinutes = read.ReadInt32(),
        SolveAgainSeconds = read.ReadInt32(),
        MostSolveAttempts = read.ReadInt32(),
        MostOpenBlocks = read.ReadInt32(),
        ClusterGateMinutes = read.ReadInt32(),
        StandingSlots = read.ReadInt32(),
        LeastBondMicros = read.ReadInt64(),
        TickMicros = read.ReadInt64(),
        HighestPriceMicros = read.ReadInt64(),
        SolverNodes = read.ReadInt64(),
    };

    private static void Write(BinaryWriter write, Participant participant)
    {
        Write(write, participant.Id);
        write.Write(participant.MayBuy);
        write.Write(participant.MaySell);
        write.Write(participant.Active);
        write.Write(participant.OpenBids);
        write.Write(participant.BuyerFeePpm ?? MarketRate);
        write.Write(participant.SellerFeePpm ?? MarketRate);
        foreach (var money in (Money[])[participant.Collateral, participant.Reserved, participant.Bonds]) write.Write(money.Micros);
    }

    private static Participant ReadParticipant(BinaryReader read)
    {
        var participant = new Participant(ReadGuid(read))
        {
            MayBuy = read.ReadBoolean(),
            MaySell = read.ReadBoolean(),
            Active = read.ReadBoolean(),
            OpenBids = read.ReadInt32(),
            BuyerFeePpm = ReadRate(read),
            SellerFeePpm = ReadRate(read),
        };
        participant.Credit(new Money(read.ReadInt64()));
        participant.Reserve(new Money(read.ReadInt64()));
        participant.Bond(new Money(read.ReadInt64()));
        return participant;
    }

    private static int? ReadRate(BinaryReader read) => read.ReadInt32() is var ppm and not MarketRate ? ppm : null;

    private static void Write(BinaryWriter write, Node node)
    {
        Write(write, node.Id);
        Write(write, node.Provider);
        write.Write(node.Market);
        write.Write(node.Gpus);
        Write(write, node.Sold);
        var traits = node.Traits;
        write.Write(traits.Verified);
        write.Write(traits.Simulated);
        write.Write(traits.ReliabilityPpm);
        write.Write(traits.NvLink);
        write.Write(traits.Country);
        write.Write(traits.Zone);
    }

    private static Node ReadNode(BinaryReader read, byte format)
    {
        var node = new Node(ReadGuid(read), ReadGuid(read), read.ReadString()) { Gpus = read.ReadInt32() };
        ReadInto(read, node.Sold);
        if (format != FormatWithoutNodes)
            node.Traits = new NodeTraits(read.ReadBoolean(), read.ReadBoolean(), read.ReadInt64(), read.ReadBoolean(), read.ReadString(), read.ReadString());
        return node;
    }

    private static void Write(BinaryWriter write, Offer offer)
    {
        write.Write(offer.Id);
        Write(write, offer.Terms.Provider);
        Write(write, offer.Terms.Node);
        write.Write(offer.Terms.Gpus);
        Write(write, offer.Terms.From);
        Write(write, offer.Terms.To);
        write.Write(offer.Terms.Reserve.MicrosPerGpuHour);
        write.Write(offer.Terms.PromptReserve.MicrosPerGpuHour);
        write.Write(offer.Terms.LeastRun);
        Write(write, offer.Terms.Reserves, reserve => write.Write(reserve.MicrosPerGpuHour));
        write.Write(offer.Terms.Lease);
        write.Write(offer.Terms.ByPolicy);
        write.Write(offer.From);
        write.Write(offer.To);
        write.Write(offer.BondMicrosPerGpuSlot);
        write.Write(offer.FeePpm);
        write.Write(offer.Bond.Micros);
        write.Write((byte)(offer.ClosesAs ?? 0));
        Write(write, offer.Sold);
    }

    private static Offer ReadOffer(BinaryReader read, byte format, Dictionary<Guid, Node> nodes)
    {
        var id = read.ReadInt64();
        var terms = new Command.PlaceOffer(
            ReadGuid(read), ReadGuid(read), read.ReadInt32(), ReadTime(read), ReadTime(read), new Price(read.ReadInt64()), new Price(read.ReadInt64()), read.ReadInt32())
        {
            Reserves = ReadAll(read, () => new Price(read.ReadInt64())),
            Lease = read.ReadInt64(),
            ByPolicy = format != FormatWithoutNodes && read.ReadBoolean(),
        };
        var offer = new Offer(id, nodes[terms.Node], terms, read.ReadInt64(), read.ReadInt64(), read.ReadInt64(), read.ReadInt32())
        {
            Bond = new Money(read.ReadInt64()),
            ClosesAs = ReadReason(read),
        };
        ReadInto(read, offer.Sold);
        return offer;
    }

    private static void Write(BinaryWriter write, Bid bid)
    {
        write.Write(bid.Id);
        Write(write, bid.Terms.Buyer);
        write.Write((int)bid.Terms.Kind);
        Write(write, bid.Terms.Markets, write.Write);
        write.Write(bid.Terms.Gpus);
        Write(write, bid.Terms.From);
        Write(write, bid.Terms.To);
        write.Write(bid.Terms.Run);
        write.Write(bid.Terms.Limit.MicrosPerGpuHour);
        Write(write, bid.Terms.Starts, start => Write(write, start));
        write.Write(bid.Terms.MinFill);
        write.Write(bid.Terms.NodeGpus);
        write.Write(bid.Terms.Parent);
        write.Write(bid.Terms.Group);
        Write(write, bid.Terms.Needs);
        write.Write(bid.Terms.Replaces);
        write.Write(bid.Terms.Extends);
        write.Write(bid.From);
        write.Write(bid.To);
        Write(write, bid.Starts, write.Write);
        write.Write(bid.PromptSlot);
        write.Write(bid.FeePpm);
        write.Write(bid.Reserved.Micros);
        write.Write((byte)(bid.ClosesAs ?? 0));
        write.Write(bid.Parent);
        write.Write((byte)bid.Standing);
        write.Write(bid.ToldSlot);
        Write(write, bid.Filled);
    }

    private static Bid ReadBid(BinaryReader read, byte format)
    {
        var id = read.ReadInt64();
        var terms = new Command.PlaceBid(
            ReadGuid(read), (BidKind)read.ReadInt32(), ReadAll(read, read.ReadString), read.ReadInt32(), ReadTime(read), ReadTime(read),
            read.ReadInt32(), new Price(read.ReadInt64()))
        {
            Starts = ReadAll(read, () => ReadTime(read)),
            MinFill = read.ReadInt32(),
            NodeGpus = read.ReadInt32(),
            Parent = read.ReadInt64(),
            Group = read.ReadString(),
            Needs = ReadNeeds(read, format),
            Replaces = ReadLeaseId(read, format),
            Extends = ReadLeaseId(read, format),
        };
        var bid = new Bid(id, terms, read.ReadInt64(), read.ReadInt64(), ReadAll(read, read.ReadInt64), read.ReadInt64(), read.ReadInt32())
        {
            Reserved = new Money(read.ReadInt64()),
            ClosesAs = ReadReason(read),
            Parent = read.ReadInt64(),
            Standing = (StandingState)read.ReadByte(),
            ToldSlot = read.ReadInt64(),
        };
        ReadInto(read, bid.Filled);
        return bid;
    }

    /// <summary>A bid that its buyer's counts know already, but for the blocks among them.</summary>
    private void Restore(Bid bid)
    {
        _bids.Add(bid.Id, bid);
        if (bid.IsBlock) ParticipantOf(bid.Terms.Buyer).OpenBlocks++;
    }

    private static OpenLease ReadLease(BinaryReader read, byte format, Dictionary<Guid, Node> nodes)
    {
        var (id, provider, bonds, buyer) = (read.ReadInt64(), ReadGuid(read), ReadAll(read, read.ReadInt64), ReadGuid(read));
        var (node, gpus, from) = (nodes[ReadGuid(read)], read.ReadInt32(), read.ReadInt64());
        var resold = new SlotCounts();
        ReadInto(read, resold);
        var lease = new OpenLease(id, provider, bonds, buyer, node, gpus, from)
        {
            // The layout before this one did not say of which lease it is a part, only, by its seller, that it is one.
            ResoldFrom = format != FormatWithoutNodes ? read.ReadInt64() : provider != node.Provider ? long.MaxValue : 0,
            Needs = ReadNeeds(read, format),
        };
        foreach (var (slot, count) in resold.All) lease.Resold.Add(slot, count);
        return lease;
    }

    private static void Write(BinaryWriter write, NodeNeeds? needs)
    {
        write.Write(needs is not null);
        if (needs is null) return;
        write.Write(needs.LeastReliabilityPpm);
        write.Write(needs.Verified);
        write.Write(needs.NvLink);
        Write(write, needs.Countries, write.Write);
        Write(write, needs.Zones, write.Write);
        Write(write, needs.Nodes, node => Write(write, node));
    }

    private static NodeNeeds? ReadNeeds(BinaryReader read, byte format) => format == FormatWithoutNodes || !read.ReadBoolean()
        ? null
        : new NodeNeeds(
            read.ReadInt64(), read.ReadBoolean(), read.ReadBoolean(), ReadAll(read, read.ReadString), ReadAll(read, read.ReadString), ReadAll(read, () => ReadGuid(read)));

    private static long ReadLeaseId(BinaryReader read, byte format) => format == FormatWithoutNodes ? 0 : read.ReadInt64();

    private static void Write(BinaryWriter write, ClearingRun run)
    {
        var problem = AuctionJson.WriteProblem(run.Problem);
        write.Write(run.Id);
        write.Write(run.FirstSlot);
        write.Write(problem.Length);
        write.Write(problem);
        Write(write, run.Problem.Offers, offer => write.Write(run.Offers[offer.Id].Id));
        Write(write, run.Problem.Bids, bid => write.Write(run.Bids[bid.Id].Id));
        write.Write(run.OfferCount);
        write.Write(run.BidCount);
        Write(write, run.ClosedAt);
    }

    private ClearingRun ReadClearing(BinaryReader read)
    {
        var (id, firstSlot) = (read.ReadInt64(), read.ReadInt64());
        var problem = AuctionJson.ReadProblem(read.ReadBytes(read.ReadInt32()));
        var offers = problem.Offers.Zip(ReadAll(read, read.ReadInt64)).ToDictionary(pair => pair.First.Id, pair => _offers[pair.Second]);
        var bids = problem.Bids.Zip(ReadAll(read, read.ReadInt64)).ToDictionary(pair => pair.First.Id, pair => _bids[pair.Second]);
        return new ClearingRun(id, firstSlot, problem, offers, bids, read.ReadInt32(), read.ReadInt32(), ReadTime(read));
    }

    private static void Write(BinaryWriter write, SlotCounts counts) => Write(write, [.. counts.All], count =>
    {
        write.Write(count.Key);
        write.Write(count.Value);
    });

    private static void ReadInto(BinaryReader read, SlotCounts counts) => Read(read, () => counts.Add(read.ReadInt64(), read.ReadInt32()));

    private static void Write(BinaryWriter write, DateTimeOffset time) => write.Write(time.UtcTicks);

    private static DateTimeOffset ReadTime(BinaryReader read) => new(read.ReadInt64(), TimeSpan.Zero);

    private static CloseReason? ReadReason(BinaryReader read) => read.ReadByte() is var reason and not 0 ? (CloseReason)reason : null;

    private static void Write(BinaryWriter write, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        write.Write(bytes);
    }

    private static Guid ReadGuid(BinaryReader read)
    {
        Span<byte> bytes = stackalloc byte[16];
        read.ReadExactly(bytes);
        return new Guid(bytes);
    }

    /// <summary>How many, then each.</summary>
    private static void Write<T>(BinaryWriter write, IReadOnlyCollection<T> all, Action<T> writeOne)
    {
        write.Write(all.Count);
        foreach (var one in all) writeOne(one);
    }

    private static void Read(BinaryReader read, Action readOne)
    {
        for (var left = read.ReadInt32(); left > 0; left--) readOne();
    }

    private static T[] ReadAll<T>(BinaryReader read, Func<T> readOne)
    {
        var all = new List<T>();
        Read(read, () => all.Add(readOne()));
        return [.. all];
    }

    private static void Add<TKey, T>(IDictionary<TKey, T> all, T one, Func<T, TKey> keyOf) => all.Add(keyOf(one), one);
}
