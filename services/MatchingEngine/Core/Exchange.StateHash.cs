using System.Security.Cryptography;
using ComputeExchange.MatchingEngine.Core.State;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>The hash by which two engines prove that they hold the same.</summary>
public sealed partial class Exchange
{
    /// <summary>SHA-256 over everything the engine decides on, in a fixed order; hexadecimal.</summary>
    public string StateHash()
    {
        using var stream = new MemoryStream();
        using (var write = new BinaryWriter(stream))
        {
            write.Write(Now.UtcTicks);
            write.Write(Settings.ToString());
            write.Write(_lastOffer);
            write.Write(_lastBid);
            write.Write(_lastLease);
            write.Write(_lastRun);
            write.Write(ClearingRun);
            foreach (var (market, open) in _markets)
            {
                write.Write(market);
                write.Write(open);
            }
            foreach (var participant in _participants.Values.OrderBy(p => p.Id)) Write(write, participant);
            foreach (var node in _nodes.Values.OrderBy(n => n.Id))
            {
                write.Write(node.Id.ToByteArray());
                write.Write(node.Provider.ToByteArray());
                write.Write(node.Market);
                write.Write(node.Gpus);
                Write(write, node.Sold);
            }
            foreach (var offer in _offers.Values)
            {
                write.Write(offer.Id);
                write.Write(offer.Terms.ToString());
                write.Write(offer.Bond.Micros);
                write.Write((int?)offer.ClosesAs ?? 0);
                Write(write, offer.Sold);
            }
            foreach (var bid in _bids.Values)
            {
                write.Write(bid.Id);
                write.Write(bid.Terms.Buyer.ToByteArray());
                write.Write(bid.Terms.Limit.MicrosPerGpuHour);
                write.Write(bid.From);
                write.Write(bid.To);
                write.Write(bid.Reserved.Micros);
                write.Write((int?)bid.ClosesAs ?? 0);
                Write(write, bid.Filled);
            }
            foreach (var lease in _leases.Values)
            {
                write.Write(lease.Id);
                write.Write(lease.Provider.ToByteArray());
                foreach (var bond in lease.Bonds) write.Write(bond);
            }
        }
        return Convert.ToHexStringLower(SHA256.HashData(stream.ToArray()));
    }

    private static void Write(BinaryWriter write, Participant participant)
    {
        write.Write(participant.Id.ToByteArray());
        write.Write(participant.MayBuy);
        write.Write(participant.MaySell);
        write.Write(participant.Active);
        write.Write(participant.Collateral.Micros);
        write.Write(participant.Reserved.Micros);
        write.Write(participant.Bonds.Micros);
        write.Write(participant.OpenBids);
    }

    private static void Write(BinaryWriter write, SlotCounts counts)
    {
        foreach (var (slot, count) in counts.All)
        {
            write.Write(slot);
            write.Write(count);
        }
        write.Write(long.MinValue);
    }
}
