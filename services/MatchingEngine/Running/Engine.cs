using System.Diagnostics;
using System.Threading.Channels;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>
/// The one writer: takes commands in groups, applies them in memory, commits them to the journal, and only then answers.
/// Until it owns the shard it is a standby: it reads what the owner journals, and answers nothing.
/// </summary>
/// <remarks>
/// If a commit fails or is uncertain, memory is ahead of the record: it is thrown away, the waiting callers are told
/// that the outcome is unknown, and the journal is read again. See docs/architecture.md, "The journal".
/// <para>
/// It awaits on the context it was started on and takes all time from its <see cref="TimeProvider"/>, so that a
/// simulation can run it on one thread in simulated time.
/// </para>
/// </remarks>
internal sealed partial class Engine(
    EngineOptions options, IJournalStore store, Feed feed, ExchangeClock clock, TimeProvider time, ILogger<Engine> log) : BackgroundService
{
    private const int GroupSize = 512;
    private const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    /// <summary>How long an owner may be silent before another may take over; whoever cannot write for so long is no owner any more.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Work> _inbox = Channel.CreateBounded<Work>(new BoundedChannelOptions(20_000) { SingleReader = true });
    private readonly Snapshots _snapshots = new(store, options.SnapshotEvery, time, log);

    private Replica _replica = new();
    private Task _writing = Task.CompletedTask;
    private long _confirmed;
    private long _behind;
    private volatile Role _role;

    private enum Role
    {
        Reading,
        Standby,
        Owner,
    }

    /// <summary>Raised on the engine's own flow after a group is committed; must return at once.</summary>
    public event Action? Committed;

    /// <summary>Raised like <see cref="Committed"/> when the settings changed.</summary>
    public event Action<Settings>? SettingsChanged;

    /// <summary>Raised on the engine's own flow when it begins to serve and when it ceases to; must return at once.</summary>
    public event Action<bool>? ServingChanged;

    /// <summary>Whether this process owns the shard and answers.</summary>
    public bool IsServing => _role == Role.Owner;

    /// <summary>The owner's number, for status.</summary>
    public long Epoch { get; private set; }

    /// <summary>The trace of the run that clears; to be read in an <see cref="Ask"/>.</summary>
    public string RunTrace => _replica.Traces.Run;

    /// <summary>How many open bids have a trace that goes on when they are filled; to be read in an <see cref="Ask"/>.</summary>
    public int TracedBids => _replica.Traces.OpenBids;

    /// <summary>Has a command applied, journaled and committed.</summary>
    /// <exception cref="EngineUnavailableException">Nobody knows what became of it: ask again with the same id.</exception>
    /// <exception cref="CommandIdReusedException">The id belongs to another command.</exception>
    /// <exception cref="MalformedCommandException">The command cannot be read.</exception>
    public async Task<SubmitResponse> Submit(Guid commandId, EngineCommand command, CancellationToken cancel)
    {
        var arrived = Stopwatch.GetTimestamp();
        using var span = Span(command.CommandCase);
        var work = new Work.Apply(commandId, command, Wire.ToCore(command), Tracing.Current);
        try
        {
            await Enqueue(work, cancel);
            var answer = await work.Answer.Task.WaitAsync(cancel);
            Measures.Acknowledged(command.CommandCase, answer, arrived);
            span?.SetTag("cx.command.id", commandId).SetTag("cx.command.sequence", answer.Sequence);
            return answer;
        }
        catch (EngineUnavailableException unavailable)
        {
            Measures.OutcomeUnknown();
            span?.SetStatus(ActivityStatusCode.Error, unavailable.Message);
            throw;
        }
    }

    /// <summary>Asks something of the state as it is committed.</summary>
    /// <exception cref="EngineUnavailableException">This engine does not own the shard: what it knows may be old.</exception>
    public Task<T> Ask<T>(Func<Exchange, EngineStatus, T> question, CancellationToken cancel) =>
        Ask(replica => question(replica.Exchange, new EngineStatus(replica.Sequence, replica.FeedNumber, replica.Hash)), ofStandby: false, cancel);

    /// <summary>Asks how far this engine is, owner or not.</summary>
    public Task<EngineStanding> AskStanding(CancellationToken cancel) => Ask(
        replica => new EngineStanding(
            IsServing, Epoch, replica.Sequence, replica.FeedNumber, _behind, Convert.ToHexStringLower(replica.Hash), replica.Exchange.StateHash()),
        ofStandby: true, cancel);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Run(stoppingToken);

    /// <summary>Follows the journal, serves when and while it owns the shard, until it is told to stop.</summary>
    internal async Task Run(CancellationToken stoppingToken)
    {
        await Task.Yield();
        Measures.Started();
        var doubted = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _replica = await _snapshots.Restore(replica => ReadOn(replica, renewing: null, stoppingToken), stoppingToken);
                doubted = false;
                await FollowAndServe(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (JournalBrokenException broken) when (!doubted)
            {
                // A database that fails over while it is read can show half a history. A second look shows the same only if it is so.
                doubted = true;
                log.LogWarning("The journal does not add up and is read once more: {Reason}", broken.Message);
            }
            catch (JournalBrokenException broken)
            {
                // Never trade on a history that does not add up: stay down until an operator has looked.
                log.LogCritical(broken, "The shard is halted: {Reason}", broken.Message);
                Measures.Halt();
                StandDown();
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Measures.StoodDown(failure is FencedException ? "fenced" : "uncertain");
                log.LogWarning("Memory is thrown away and the journal read again: {Reason}", failure.Message);
            }
            StandDown();
            await Task.Delay(LookEvery, time, stoppingToken).ConfigureAwait(Quietly);
        }
        Measures.Stopped();
    }

    /// <summary>
    /// A run has a trace of its own; every other command goes on in that of its caller, and none is made where nobody
    /// traces. The clock's commands leave no trace at all.
    /// </summary>
    private static Activity? Span(EngineCommand.CommandOneofCase kind)
    {
        if (!EventTraces.Spans.HasListeners()) return null;
        if (kind == EngineCommand.CommandOneofCase.CloseRun) return EventTraces.Spans.Begin("command CloseRun", ActivityKind.Internal);
        return Activity.Current is { Recorded: true } && kind != EngineCommand.CommandOneofCase.AdvanceClock
            ? EventTraces.Spans.StartActivity($"command {kind}")
            : null;
    }

    private async Task<T> Ask<T>(Func<Replica, T> question, bool ofStandby, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Enqueue(new Work.Query(ofStandby, replica => answer.TrySetResult(question(replica)), failure => answer.TrySetException(failure)), cancel);
        return await answer.Task.WaitAsync(cancel);
    }

    private async Task Enqueue(Work work, CancellationToken cancel)
    {
        if (_role != Role.Owner && (_role != Role.Standby || work is not Work.Query { OfStandby: true })) throw Unavailable();
        if (_inbox.Writer.TryWrite(work)) return;
        using var late = new CancellationTokenSource(Lease, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            await _inbox.Writer.WriteAsync(work, patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Unavailable();
        }
    }

    private async Task FollowAndServe(CancellationToken stopping)
    {
        var journal = await store.Open(options.Owner, stopping);
        try
        {
            await Follow(journal, stopping);
            await Serve(journal, stopping);
            await Within(journal.Release());
        }
        finally
        {
            await Close(journal);
        }
    }

    /// <summary>A standby until the shard is won; then all that is journaled is read, and nobody else writes.</summary>
    private async Task Follow(IJournal journal, CancellationToken stopping)
    {
        long won;
        while (true)
        {
            won = time.GetTimestamp();
            if (await Within(journal.TryOwn())) break;

            if (_role != Role.Standby) log.LogInformation("A standby from command {Sequence} on.", _replica.Sequence);
            _role = Role.Standby;
            Measures.Follows(_behind);
            await Wait(LookEvery, stopping);
            while (_inbox.Reader.TryRead(out var work))
            {
                if (work is Work.Query { OfStandby: true } query) query.Run(_replica);
                else work.Fail(Unavailable());
            }
            var before = _replica.Sequence;
            await ReadOn(_replica, renewing: null, stopping);
            _behind = _replica.Sequence - before;
            Measures.Reached(_replica.Sequence, _replica.FeedNumber, _replica.Exchange.Now);
            _snapshots.TakeIfDue(_replica, owner: false);
            _replica.Known.ForgetUpTo(_snapshots.Oldest);
        }
        await ReadOn(_replica, journal, stopping);

        // What was just read may be committed here and not yet on a synchronous standby of the database; once this is, it all is.
        _confirmed = time.GetTimestamp();
        await Within(journal.Renew());
        feed.Restart(_replica.FeedNumber);
        Epoch = journal.Epoch;
        _behind = 0;
        _role = Role.Owner;
        var took = time.GetElapsedTime(won);
        Measures.Owns(journal.Epoch, took);
        Measures.Reached(_replica.Sequence, _replica.FeedNumber, _replica.Exchange.Now);
        log.LogInformation(
            "Owner of the shard with epoch {Epoch}: {Commands} commands, {Events} events; it took {Milliseconds:0} ms.",
            journal.Epoch, _replica.Sequence, _replica.FeedNumber, took.TotalMilliseconds);
        ServingChanged?.Invoke(true);
    }

    /// <summary>
    /// Reads what is journaled after the last command that a replica holds, beginning with that command itself: a database
    /// that failed over may have lost what was read of it before. An owner says meanwhile that it lives.
    /// </summary>
    /// <exception cref="InvalidDataException">The journal holds another command in its place, or none.</exception>
    private async Task ReadOn(Replica replica, IJournal? renewing, CancellationToken cancel)
    {
        var renewed = time.GetTimestamp();
        replica.Doubt();
        await foreach (var page in store.Read(Math.Max(0, replica.Sequence - 1), cancel).InPages(cancel))
        {
            foreach (var entry in page) replica.Read(entry);
            if (renewing is null || time.GetElapsedTime(renewed) < RenewEvery) continue;
            await Within(renewing.Renew());
            renewed = time.GetTimestamp();
        }
        if (!replica.Belongs) throw new InvalidDataException("the journal does not go as far.");
        clock.MoveTo(replica.Exchange.Now);
    }

    private async Task Serve(IJournal journal, CancellationToken stopping)
    {
        var group = new List<Work>();
        var queries = new List<Work.Query>();
        while (true)
        {
            if (!_inbox.Reader.TryPeek(out _))
            {
                if (stopping.IsCancellationRequested) return;
                await Wait(Sooner(RenewEvery - time.GetElapsedTime(_confirmed), UntilTimer()), stopping);
            }

            // Told to stop it takes nothing new, and answers what it has.
            if (stopping.IsCancellationRequested) _role = Role.Reading;
            group.Clear();
            queries.Clear();
            var requests = 0;
            while (group.Count < GroupSize && requests < MostRequests && _inbox.Reader.TryRead(out var work))
            {
                if (work is Work.Query query) queries.Add(query);
                else group.Add(work);
                if (work is Work.Orders orders) requests += orders.Count;
            }
            if (group.Count == 0 && UntilTimer() <= TimeSpan.Zero) group.Add(TimePasses());
            try
            {
                await Apply(journal, group);

                // An owner that was frozen must not tell what it remembers.
                if (time.GetElapsedTime(_confirmed) >= RenewEvery)
                {
                    var renewing = time.GetTimestamp();
                    await Within(journal.Renew());
                    _confirmed = renewing;
                }
            }
            catch
            {
                // Whoever hears of this and asks again is told the same at once.
                _role = Role.Reading;
                foreach (var work in group) work.Fail(Unavailable());
                foreach (var query in queries) query.Fail(Unavailable());
                throw;
            }
            foreach (var query in queries) query.Run(_replica);
            _snapshots.TakeIfDue(_replica, owner: true);
            _replica.Known.ForgetUpTo(_snapshots.Oldest);
        }
    }

    private async Task Apply(IJournal journal, List<Work> group)
    {
        if (group.Count == 0) return;
        var entries = new List<JournalEntry>(group.Count);
        var answers = new List<(Work.Apply Work, SubmitResponse Answer)>(group.Count);
        var outcomes = new List<(Work.Orders Work, OrdersOutcome Outcome)>();
        var repeats = new List<(Work.Apply Work, long Sequence)>();
        var old = await OldOf(group);
        var now = Now();
        for (var next = 0; next < group.Count; next++)
        {
            if (group[next] is Work.Orders)
            {
                next = DecideOrders(group, next, now, entries, outcomes) - 1;
                continue;
            }
            var work = (Work.Apply)group[next];
            var body = work.Wire.ToByteArray();
            if (_replica.Known.TryGet(work.CommandId, out var known) || old.TryGetValue(work.CommandId, out known))
            {
                if (known.Content == KnownCommand.ContentOf(body)) repeats.Add((work, known.Sequence));
                else work.Answer.TrySetException(new CommandIdReusedException());
                continue;
            }
            var entry = OrFault([work], () => _replica.Decide(work.CommandId, work.Wire, work.Command, body, work.TraceParent, now));
            entries.Add(entry);

            var answer = new SubmitResponse { CommandId = work.CommandId.ToString(), Sequence = entry.Sequence };
            answer.Events.AddRange(entry.Events.Select(happened => happened.Event));
            answers.Add((work, answer));
        }
        if (entries.Count > 0)
        {
            var began = Stopwatch.GetTimestamp();
            var asked = time.GetTimestamp();
            await Within(journal.Append(entries));
            _confirmed = asked;
            _replica.Traces.Committed();
            Measures.Committed(entries.Count, began, _replica.Sequence, _replica.FeedNumber, _inbox.Reader.Count, _replica.Exchange.Now);
            foreach (var entry in entries)
            foreach (var happened in entry.Events)
                Measures.Happened(happened.Event);
            clock.MoveTo(_replica.Exchange.Now);
            feed.Publish(entries.SelectMany(entry => entry.Events));
            Committed?.Invoke();
            if (answers.Exists(answer => answer.Work.Command is Command.ChangeSettings)) SettingsChanged?.Invoke(_replica.Exchange.Settings);
        }
        foreach (var (work, answer) in answers) work.Answer.TrySetResult(answer);
        foreach (var (work, outcome) in outcomes) work.Answer.TrySetResult(outcome);
        foreach (var (work, sequence) in repeats) _ = Repeat(work, sequence);
    }

    /// <summary>
    /// A rule that throws is a fault of the engine. Memory is thrown away as after any failure; but whoever asked is told so, and not to ask
    /// again: the same request would do the same for ever.
    /// </summary>
    private JournalEntry OrFault(IReadOnlyList<Work> asked, Func<JournalEntry> decide)
    {
        try
        {
            return decide();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            log.LogError(fault, "The engine cannot decide a command; nothing of it is done.");
            foreach (var work in asked) work.Fail(new EngineFaultException(fault));
            throw;
        }
    }

    /// <summary>Those of a group that were journaled longer ago than memory goes back: one question for all of them.</summary>
    private async Task<IReadOnlyDictionary<Guid, KnownCommand>> OldOf(List<Work> group)
    {
        if (_replica.Known.Since == 0) return System.Collections.ObjectModel.ReadOnlyDictionary<Guid, KnownCommand>.Empty;
        var unknown = group.OfType<Work.Apply>().Select(work => work.CommandId).Where(id => !_replica.Known.TryGet(id, out _)).ToHashSet();
        return await store.Find(unknown, CancellationToken.None).WaitAsync(Lease, time);
    }

    private async Task Repeat(Work.Apply work, long sequence)
    {
        try
        {
            var answer = new SubmitResponse { CommandId = work.CommandId.ToString(), Sequence = sequence, RepeatedCommand = true };
            answer.Events.AddRange((await store.ReadOutcome(sequence, CancellationToken.None)).Select(entry => entry.Event));
            work.Answer.TrySetResult(answer);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            work.Fail(Unavailable());
        }
    }

    /// <summary>The time of a group: never before the last command's, in whole milliseconds as the journal keeps them.</summary>
    private DateTimeOffset Now()
    {
        var last = _replica.Exchange.Now;
        if (clock.Simulated) return last;
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        return now > last ? now : last;
    }

    /// <summary>Waits for work, at most so long.</summary>
    private async Task Wait(TimeSpan atMost, CancellationToken stopping)
    {
        if (atMost <= TimeSpan.Zero) return;
        using var due = new CancellationTokenSource(atMost, time);
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(stopping, due.Token);
        try
        {
            await _inbox.Reader.WaitToReadAsync(idle.Token);
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested)
        {
            // Nothing came.
        }
    }

    /// <summary>
    /// Waits for the journal as long as an owner may be silent. A write that takes longer is not cut short, which could
    /// look like success: it is no longer waited for, and counts as uncertain.
    /// </summary>
    private async Task<T> Within<T>(Task<T> write)
    {
        _writing = write;
        try
        {
            return await write.WaitAsync(Lease, time);
        }
        catch (TimeoutException) when (!write.IsCompleted)
        {
            throw new TimeoutException($"The journal has not answered for {Lease.TotalSeconds:0} seconds.");
        }
    }

    private Task Within(Task write) => Within(Finish(write));

    private static async Task<bool> Finish(Task write)
    {
        await write;
        return true;
    }

    /// <summary>Closes the connection; one that still does something is left to itself until that has ended.</summary>
    private async Task Close(IJournal journal)
    {
        var closing = CloseAfter(_writing, journal);
        await closing.WaitAsync(LookEvery, time).ConfigureAwait(Quietly);
    }

    private static async Task CloseAfter(Task writing, IJournal journal)
    {
        await writing.ConfigureAwait(Quietly);
        try
        {
            await journal.DisposeAsync();
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // It is gone either way.
        }
    }

    private void StandDown()
    {
        _role = Role.Reading;
        ServingChanged?.Invoke(false);

        // Readers of the feed look up, and are told to look elsewhere.
        feed.Restart(feed.LastNumber);
        _replica.Traces.NotCommitted();
        while (_inbox.Reader.TryRead(out var work)) work.Fail(Unavailable());
    }

    private EngineUnavailableException Unavailable() => new(_role == Role.Standby
        ? $"This engine is a standby, {_behind} commands behind; the owner of the shard answers."
        : "The engine does not own the shard now; ask again with the same id.");

    private abstract record Work
    {
        public abstract void Fail(Exception failure);

        public sealed record Apply(Guid CommandId, EngineCommand Wire, Command Command, string TraceParent) : Work
        {
            public TaskCompletionSource<SubmitResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public override void Fail(Exception failure) => Answer.TrySetException(failure);
        }

        public sealed record Orders(Guid Participant, ReadOnlyMemory<byte> Requests) : Work
        {
            public int Count => Requests.Length / OrderRequest.Size;

            public TaskCompletionSource<OrdersOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public override void Fail(Exception failure) => Answer.TrySetException(failure);
        }

        public sealed record Query(bool OfStandby, Action<Replica> Run, Action<Exception> Refuse) : Work
        {
            public override void Fail(Exception failure) => Refuse(failure);
        }
    }
}

/// <summary>How far the history goes.</summary>
internal sealed record EngineStatus(long Sequence, long FeedNumber, byte[] Hash);

/// <summary>How far an engine is, and whether it owns the shard.</summary>
/// <param name="Owner">Whether it does; otherwise it is a standby.</param>
/// <param name="Epoch">The number it had when it last owned the shard; 0 for never.</param>
/// <param name="Sequence">The last command it holds.</param>
/// <param name="FeedNumber">The last event it holds.</param>
/// <param name="Behind">How many commands it had not read when it last looked.</param>
/// <param name="JournalHash">The hash that binds that command to all before it; hexadecimal.</param>
/// <param name="StateHash">The hash of its state; hexadecimal.</param>
internal sealed record EngineStanding(bool Owner, long Epoch, long Sequence, long FeedNumber, long Behind, string JournalHash, string StateHash);

/// <summary>No engine answers now; what was asked may or may not have happened.</summary>
internal sealed class EngineUnavailableException(string message) : Exception(message);

/// <summary>The rules failed on a command: nothing of it is done, and it would fail again.</summary>
internal sealed class EngineFaultException(Exception fault) : Exception("The engine cannot decide this; nothing of it is done.", fault);

/// <summary>A command id was used for something else.</summary>
internal sealed class CommandIdReusedException() : Exception("This id was used for another command.");
