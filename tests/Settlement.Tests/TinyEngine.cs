using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Settlement.Tests;

/// <summary>As much of the engine as Settlement sees: collateral, bonds, and a feed of what was decided. A command's id counts once.</summary>
public sealed class TinyEngine(TimeProvider clock)
{
    private const int MarketPpm = 1_500;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, EngineEvent> _outcomes = [];
    private readonly Dictionary<Guid, long> _collateral = [];
    private readonly Dictionary<(long Lease, int Slot), (Guid Provider, long Bond)> _bonds = [];
    private readonly Dictionary<Guid, SetFees> _fees = [];
    private readonly List<FeedEntry> _feed = [];

    public IReadOnlyList<FeedEntry> Feed
    {
        get
        {
            lock (_gate) return [.. _feed];
        }
    }

    public EngineEvent Submit(Guid commandId, EngineCommand command)
    {
        lock (_gate)
        {
            if (_outcomes.TryGetValue(commandId, out var first)) return first;
            var outcome = Decide(commandId, command);
            _outcomes.Add(commandId, outcome);
            Say(outcome);
            return outcome;
        }
    }

    /// <summary>Sells a lease; false if the buyer or the provider's bond cannot be covered.</summary>
    public bool Sell(EngineEvent sold)
    {
        lock (_gate)
        {
            var (buyer, provider) = (Guid.Parse(sold.LeaseSold.BuyerId), Guid.Parse(sold.LeaseSold.ProviderId));
            var paid = sold.LeaseSold.Slots.Sum(slot => slot.CostMicros + slot.BuyerFeeMicros);
            if (Free(buyer) < paid || Free(provider) < sold.LeaseSold.Slots.Sum(slot => slot.BondMicros)) return false;
            _collateral[buyer] -= paid;
            for (var index = 0; index < sold.LeaseSold.Slots.Count; index++)
                _bonds.Add((sold.LeaseSold.LeaseId, index), (provider, sold.LeaseSold.Slots[index].BondMicros));
            Say(sold);
            return true;
        }
    }

    public void Say(EngineEvent happened)
    {
        lock (_gate)
            _feed.Add(new FeedEntry { Number = _feed.Count + 1, HappenedTime = clock.GetUtcNow().ToTimestamp(), Event = happened });
    }

    public GetHoldingsResponse Holdings(string participant)
    {
        lock (_gate)
        {
            var whose = _collateral.Keys.Where(id => participant.Length == 0 || participant == id.ToString());
            return new GetHoldingsResponse
            {
                FeedNumber = _feed.Count,
                Holdings =
                {
                    whose.Select(id => new Holding
                    {
                        ParticipantId = id.ToString(), CollateralMicros = _collateral[id], BondMicros = _collateral[id] - Free(id), FreeMicros = Free(id),
                        AuctionBuyerPpm = _fees.GetValueOrDefault(id)?.AuctionBuyerPpm ?? MarketPpm, AuctionSellerPpm = _fees.GetValueOrDefault(id)?.AuctionSellerPpm ?? MarketPpm,
                    }),
                },
            };
        }
    }

    private EngineEvent Decide(Guid commandId, EngineCommand command)
    {
        switch (command.CommandCase)
        {
            case EngineCommand.CommandOneofCase.CreditCollateral:
                var credited = Guid.Parse(command.CreditCollateral.ParticipantId);
                _collateral[credited] = _collateral.GetValueOrDefault(credited) + command.CreditCollateral.AmountMicros;
                return Happened.Credited(command.CreditCollateral, commandId);
            case EngineCommand.CommandOneofCase.DebitCollateral:
                var debited = Guid.Parse(command.DebitCollateral.ParticipantId);
                if (Free(debited) < command.DebitCollateral.AmountMicros)
                    return new EngineEvent { CommandRefused = new CommandRefused { Reason = "INSUFFICIENT_FUNDS", CommandId = commandId.ToString() } };
                _collateral[debited] -= command.DebitCollateral.AmountMicros;
                return Happened.Debited(command.DebitCollateral, commandId);
            case EngineCommand.CommandOneofCase.SettleBond:
                var settle = command.SettleBond;
                _bonds.Remove((settle.LeaseId, settle.SlotIndex), out var bond);
                _collateral[bond.Provider] -= settle.TakenMicros;
                return Happened.BondSettled(settle.LeaseId, settle.SlotIndex, bond.Provider, settle.TakenMicros, bond.Bond - settle.TakenMicros);
            case EngineCommand.CommandOneofCase.SetFees:
                _fees[Guid.Parse(command.SetFees.ParticipantId)] = command.SetFees;
                return new EngineEvent { FeesSet = command.SetFees };
            default:
                throw new InvalidOperationException($"Settlement does not ask {command.CommandCase}.");
        }
    }

    private long Free(Guid participant) =>
        _collateral.GetValueOrDefault(participant) - _bonds.Values.Where(bond => bond.Provider == participant).Sum(bond => bond.Bond);
}
