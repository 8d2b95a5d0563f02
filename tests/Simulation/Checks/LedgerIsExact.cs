using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Simulation.Checks;

/// <summary>
/// At every commit the ledger has no gap, no cause twice and an unbroken chain, its balances are what the transfers come
/// to and zero together, nobody but the bank is below zero, and collateral is the engine's at the same number of the
/// feed. What was acknowledged is in it; at rest nothing is on its way any more.
/// </summary>
internal sealed class LedgerIsExact(OneHistory history) : Check
{
    private const string Collateral = AccountKinds.Collateral + ":";

    private readonly List<LedgerCommit> _commits = [];
    private readonly Dictionary<(string Cause, string Kind), TransferRecord> _transfers = [];
    private readonly Dictionary<string, long> _balances = [];
    private readonly Dictionary<string, long> _setAside = [];
    private readonly Dictionary<long, TransferRecord> _pending = [];
    private readonly Dictionary<string, long> _engine = [];
    private readonly List<(Guid Id, Money Amount, bool IsDeposit)> _acknowledged = [];
    private ReadOnlyMemory<byte> _hash = LedgerChain.Beginning;
    private long _next = 1;
    private int _command;
    private long _number;

    public override void Posted(LedgerCommit commit)
    {
        _commits.Add(commit);
        foreach (var transfer in commit.Transfers) Add(transfer);
        foreach (var (name, state) in commit.Accounts)
        {
            if (_balances.GetValueOrDefault(name) != state.BalanceMicros)
                Broken($"{name} holds {new Money(state.BalanceMicros)}, its transfers come to {new Money(_balances.GetValueOrDefault(name))}.");
            if (_setAside.GetValueOrDefault(name) != state.PendingOutMicros)
                Broken($"of {name} {new Money(state.PendingOutMicros)} is set aside, its pending transfers come to {new Money(_setAside.GetValueOrDefault(name))}.");
        }
        if (_balances.Values.Sum() is var sum && sum != 0) Broken($"all balances come to {new Money(sum)}.");
        if (_balances.FirstOrDefault(balance => balance.Value < 0 && balance.Key != AccountKinds.Bank) is { Key: { } below, Value: var debt })
            Broken($"{below} holds {new Money(debt)}.");
        _next = Math.Max(commit.Next ?? _next, commit.Transfers.Select(transfer => transfer.FeedNumber + 1 ?? 0).Prepend(_next).Max());
        CompareWithEngine();
    }

    public override void LedgerUndone(int position)
    {
        var left = _commits.Where(commit => commit.Position <= position).ToList();
        _commits.Clear();
        _transfers.Clear();
        _balances.Clear();
        _setAside.Clear();
        _pending.Clear();
        (_hash, _next) = (LedgerChain.Beginning, 1);
        ForgetEngine();
        foreach (var commit in left) Posted(commit);
        foreach (var (id, amount, isDeposit) in _acknowledged) MustHave(id, amount, isDeposit);
    }

    public override void Undone(long lastSequence) => ForgetEngine();

    public override void Acknowledged(Guid id, Money amount, bool isDeposit)
    {
        _acknowledged.Add((id, amount, isDeposit));
        MustHave(id, amount, isDeposit);
    }

    public override void AtRest()
    {
        var last = history.History.Sum(command => command.Events.Count);
        if (_next != last + 1) Broken($"the feed was applied up to {_next - 1} of {last}.");
        if (_balances.FirstOrDefault(balance => balance.Value != 0 && IsOnTheWay(balance.Key)) is { Key: { } name, Value: var left })
            Broken($"{name} still holds {new Money(left)}.");
        var debited = history.History.Where(command => command.Events.Any(entry => entry.Event.CollateralDebited is not null)).Select(command => command.Command.CommandId).ToHashSet();
        var decided = history.History.Select(command => command.Command.CommandId).ToHashSet();
        if (_pending.Count > 0) Broken($"{_pending.Count} transfers still wait to be ended.");
        foreach (var (id, amount, isDeposit) in _acknowledged)
        {
            MustHave(id, amount, isDeposit);
            if (isDeposit) continue;
            var isPaid = _transfers.TryGetValue(($"withdrawal {id}", TransferKinds.WithdrawalPaid), out var paid);
            var isBack = _transfers.ContainsKey(($"withdrawal {id}", TransferKinds.WithdrawalFailed));
            var command = Asks.IdFor($"withdrawal {id}");
            if (!decided.Contains(command)) Broken($"withdrawal {id} was acknowledged, and the engine was never asked.");
            if ((isPaid || isBack) != debited.Contains(command) || (isPaid && isBack))
                Broken($"withdrawal {id} was {(debited.Contains(command) ? "" : "not ")}let go by the engine, {(isPaid ? "" : "not ")}paid, and {(isBack ? "" : "not ")}given back.");
            if (isPaid && paid!.AmountMicros != amount.Micros) Broken($"withdrawal {id} of {amount} was paid as {new Money(paid.AmountMicros)}.");
        }
    }

    private static bool IsOnTheWay(string name) =>
        name.StartsWith(AccountKinds.Transit, StringComparison.Ordinal) || name.StartsWith(AccountKinds.Escrow, StringComparison.Ordinal);

    private void Add(TransferRecord transfer)
    {
        if (transfer.Number != _transfers.Count + 1) Broken($"transfer {transfer.Number} was written after {_transfers.Count}.");
        if (!_transfers.TryAdd((transfer.Cause, transfer.Kind), transfer)) Broken($"{transfer.Cause} was posted as {transfer.Kind} a second time, as transfer {transfer.Number}.");
        if (!LedgerChain.HashOf(_hash.Span, transfer).AsSpan().SequenceEqual(transfer.Hash.Span)) Broken($"the hash of transfer {transfer.Number} does not bind it to what was before.");
        _hash = transfer.Hash;
        if (transfer.Phase == TransferPhase.Pending) SetAside(transfer, transfer.AmountMicros);
        if (transfer.PendingNumber is { } number)
        {
            if (!_pending.TryGetValue(number, out var pending)) Broken($"transfer {transfer.Number} ends {number}, which does not wait.");
            else SetAside(pending, -pending.AmountMicros);
        }
        if (transfer.Phase is not (TransferPhase.Direct or TransferPhase.Post)) return;
        _balances[transfer.Debit] = _balances.GetValueOrDefault(transfer.Debit) - transfer.AmountMicros;
        _balances[transfer.Credit] = _balances.GetValueOrDefault(transfer.Credit) + transfer.AmountMicros;
    }

    private void SetAside(TransferRecord pending, long micros)
    {
        _setAside[pending.Debit] = _setAside.GetValueOrDefault(pending.Debit) + micros;
        if (micros > 0) _pending.Add(pending.Number, pending);
        else _pending.Remove(pending.Number);
    }

    private void CompareWithEngine()
    {
        for (; _number < _next - 1 && _command < history.History.Count; _command++)
            foreach (var entry in history.History[_command].Events)
            {
                if (entry.Number <= _number) continue;
                if (entry.Number >= _next) goto there;
                _number = entry.Number;
                if (CollateralMoves.Of(entry.Event) is var (participant, micros)) _engine[participant] = _engine.GetValueOrDefault(participant) + micros;
            }
        there:
        if (_number != _next - 1) Broken($"the feed was applied up to {_next - 1}, but {_number} is the last there is.");
        foreach (var participant in _engine.Keys.Union(_balances.Keys.Where(name => name.StartsWith(Collateral, StringComparison.Ordinal)).Select(name => name[Collateral.Length..])))
            if (_engine.GetValueOrDefault(participant) != _balances.GetValueOrDefault(Collateral + participant))
                Broken($"at {_number} the engine holds {new Money(_engine.GetValueOrDefault(participant))} for {participant}, the ledger {new Money(_balances.GetValueOrDefault(Collateral + participant))}.");
    }

    private void ForgetEngine()
    {
        _engine.Clear();
        (_command, _number) = (0, 0);
    }

    private void MustHave(Guid id, Money amount, bool isDeposit)
    {
        if (isDeposit && (!_transfers.TryGetValue(($"deposit {id}", TransferKinds.Deposit), out var booked) || booked.AmountMicros != amount.Micros))
            Broken($"deposit {id} of {amount} was acknowledged and is not in the ledger.");
    }
}

/// <summary>What a commit wrote to the ledger: where it ends in the database's log, how far the feed was read, the transfers, and the balances.</summary>
internal sealed record LedgerCommit(int Position, long? Next, IReadOnlyList<TransferRecord> Transfers, IReadOnlyList<(string Name, AccountState State)> Accounts);
