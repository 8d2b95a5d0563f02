using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Threading.Channels;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>
/// The one writer: takes commands in groups, applies them in memory, commits them to the journal, and only then answers.
/// </summary>
/// <remarks>
/// If a commit fails or is uncertain, memory is ahead of the record: it is thrown away, the waiting callers are told
/// that the outcome is unknown, and the journal is read again. See docs/architecture.md, "The journal".
/// </remarks>
internal sealed class Engine(ServiceOptions options, Feed feed, NpgsqlDataSource source, ExchangeClock clock, ILogger<Engine> log) : BackgroundService
{
    private const int GroupSize = 512;
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Work> _inbox = Channel.CreateBounded<Work>(new BoundedChannelOptions(20_000) { SingleReader = true });

    private readonly EventTraces _traces = new();

    private Exchange _exchange = new();
    private Dictionary<Guid, (long Sequence, ulong Content)> _known = [];
    private byte[] _hash = new byte[32];
    private long _sequence;
    private long _number;
    private volatile bool _serving;

    /// <summary>Whether this process owns the shard and answers.</summary>
    public bool IsServing => _serving;

    /// <summary>The owner's number, for status.</summary>
    public long Epoch { get; private set; }

    /// <summary>The trace of the run that clears; to be read in an <see cref="Ask"/>.</summary>
    public string RunTrace => _traces.Run;

    /// <summary>How many open bids have a trace that goes on when they are filled; to be read in an <see cref="Ask"/>.</summary>
    public int TracedBids => _traces.OpenBids;

    /// <summary>Raised on the engine's own flow after a group is committed; must return at once.</summary>
    public event Action? Committed;

    /// <summary>Raised like <see cref="Committed"/> when the settings changed.</summary>
    public event Action<Settings>? SettingsChanged;

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
    public async Task<T> Ask<T>(Func<Exchange, EngineStatus, T> question, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new Work.Query(
            status => answer.TrySetResult(question(_exchange, status)), failure => answer.TrySetException(failure));
        await Enqueue(work, cancel);
        return await answer.Task.WaitAsync(cancel);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        Measures.Started();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var journal = await Journal.Open(options.Database, $"{Environment.MachineName}:{Environment.ProcessId}", stoppingToken);
                while (!await journal.TryOwn()) await Task.Delay(100, stoppingToken);
                await Replay(journal, stoppingToken);
                Epoch = journal.Epoch;
                _serving = true;
                Measures.Owns(journal.Epoch);
                Measures.Reached(_sequence, _number, _exchange.Now);
                log.LogInformation("Owner of the shard with epoch {Epoch}: {Commands} commands, {Events} events.", journal.Epoch, _sequence, _number);
                await Serve(journal, stoppingToken);
                await journal.Release();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (JournalBrokenException broken)
            {
                // Never trade on a history that does not add up: stay down until an operator has looked.
                log.LogCritical(broken, "The shard is halted: {Reason}", broken.Message);
                _serving = false;
                Measures.Halt();
                FailWaiting();
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Measures.StoodDown(failure is FencedException ? "fenced" : "uncertain");
                log.LogWarning("Memory is thrown away and the journal read again: {Reason}", failure.Message);
            }
            _serving = false;
            FailWaiting();
            await Task.Delay(100, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Measures.Stopped();
        FailWaiting();
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

    private async Task Enqueue(Work work, CancellationToken cancel)
    {
        if (!_serving) throw new EngineUnavailableException();
        if (_inbox.Writer.TryWrite(work)) return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await _inbox.Writer.WriteAsync(work, patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new EngineUnavailableException();
        }
    }

    private async Task Replay(Journal journal, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var renewed = started;
        _exchange = new Exchange();
        _known = [];
        _hash = new byte[32];
        (_sequence, _number) = (0, 0);
        _traces.Restart();
        await foreach (var entry in Journal.ReadAll(options.Database, cancel))
        {
            if (entry.Sequence != _sequence + 1) throw new JournalBrokenException($"command {_sequence + 1} is missing.");
            var command = EngineCommand.Parser.ParseFrom(entry.Body);
            var events = Decide(entry.CommandId, Wire.ToCore(command), entry.At, entry.Sequence);
            _traces.Read(events, entry.Events);
            if (!events.SequenceEqual(entry.Events)) throw new JournalBrokenException($"command {entry.Sequence} no longer causes what it caused.");
            _hash = Journal.HashOf(_hash, entry.Sequence, entry.CommandId, entry.EngineVersion, entry.At, entry.Body, events);
            if (!_hash.AsSpan().SequenceEqual(entry.Hash)) throw new JournalBrokenException($"the hash of command {entry.Sequence} is not what it was.");
            _sequence = entry.Sequence;
            _known.Add(entry.CommandId, (entry.Sequence, ContentOf(entry.Body)));

            if (Stopwatch.GetElapsedTime(renewed) < RenewEvery) continue;
            await journal.Renew();
            renewed = Stopwatch.GetTimestamp();
        }
        feed.Restart(_number);
        clock.MoveTo(_exchange.Now);
        log.LogInformation("Read {Commands} commands in {Seconds:0.0} s.", _sequence, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private async Task Serve(Journal journal, CancellationToken cancel)
    {
        var group = new List<Work.Apply>();
        var queries = new List<Work.Query>();
        while (!cancel.IsCancellationRequested)
        {
            using (var idle = CancellationTokenSource.CreateLinkedTokenSource(cancel))
            {
                idle.CancelAfter(RenewEvery);
                try
                {
                    await _inbox.Reader.WaitToReadAsync(idle.Token);
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    await journal.Renew();
                    continue;
                }
            }
            group.Clear();
            queries.Clear();
            while (group.Count < GroupSize && _inbox.Reader.TryRead(out var work))
            {
                if (work is Work.Apply apply) group.Add(apply);
                else if (work is Work.Query query) queries.Add(query);
            }
            try
            {
                await Apply(journal, group);
            }
            catch
            {
                foreach (var work in group) work.Answer.TrySetException(new EngineUnavailableException());
                foreach (var query in queries) query.Fail(new EngineUnavailableException());
                throw;
            }
            var status = new EngineStatus(_sequence, _number, _hash);
            foreach (var query in queries) query.Run(status);
        }
    }

    private async Task Apply(Journal journal, List<Work.Apply> group)
    {
        var entries = new List<JournalEntry>(group.Count);
        var answers = new List<(Work.Apply Work, SubmitResponse Answer)>(group.Count);
        var repeats = new List<(Work.Apply Work, long Sequence)>();
        var now = Now();
        foreach (var work in group)
        {
            var body = work.Wire.ToByteArray();
            var content = ContentOf(body);
            if (_known.TryGetValue(work.CommandId, out var known))
            {
                if (known.Content == content) repeats.Add((work, known.Sequence));
                else work.Answer.TrySetException(new CommandIdReusedException());
                continue;
            }
            var sequence = _sequence + 1;
            var events = DecideInTrace(work, now, sequence);
            _hash = Journal.HashOf(_hash, sequence, work.CommandId, Exchange.Version, now, body, events);
            _sequence = sequence;
            _known.Add(work.CommandId, (sequence, content));
            entries.Add(new JournalEntry(sequence, work.CommandId, Exchange.Version, now, work.TraceParent, body, events, _hash));

            var answer = new SubmitResponse { CommandId = work.CommandId.ToString(), Sequence = sequence };
            answer.Events.AddRange(events.Select(entry => entry.Event));
            answers.Add((work, answer));
        }
        if (entries.Count > 0)
        {
            var began = Stopwatch.GetTimestamp();
            await journal.Append(entries);
            _traces.Committed();
            Measures.Committed(entries.Count, began, _sequence, _number, _inbox.Reader.Count, _exchange.Now);
            foreach (var entry in entries)
            foreach (var happened in entry.Events)
                Measures.Happened(happened.Event);
            clock.MoveTo(_exchange.Now);
            feed.Publish(entries.SelectMany(entry => entry.Events));
            Committed?.Invoke();
            if (answers.Exists(answer => answer.Work.Command is Command.ChangeSettings)) SettingsChanged?.Invoke(_exchange.Settings);
        }
        foreach (var (work, answer) in answers) work.Answer.TrySetResult(answer);
        foreach (var (work, sequence) in repeats) _ = Repeat(work, sequence);
    }

    private async Task Repeat(Work.Apply work, long sequence)
    {
        try
        {
            var answer = new SubmitResponse { CommandId = work.CommandId.ToString(), Sequence = sequence, RepeatedCommand = true };
            answer.Events.AddRange((await Journal.ReadOutcome(source, sequence, CancellationToken.None)).Select(entry => entry.Event));
            work.Answer.TrySetResult(answer);
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            work.Answer.TrySetException(new EngineUnavailableException());
        }
    }

    /// <summary>Decides, and writes on each event in whose trace it is. Of all commands only a run's solution takes time to be decided.</summary>
    private List<FeedEntry> DecideInTrace(Work.Apply work, DateTimeOffset now, long sequence)
    {
        using var verifying = work.Command is Command.ClearRun
            ? EventTraces.Spans.Continue("verify and clear", ActivityKind.Internal, work.TraceParent)
            : null;
        var events = Decide(work.CommandId, work.Command, now, sequence);
        _traces.Write(events, work.Wire, verifying?.Id ?? work.TraceParent);
        return events;
    }

    private List<FeedEntry> Decide(Guid commandId, Command command, DateTimeOffset at, long sequence)
    {
        var events = _exchange.Apply(command, at);
        var entries = new List<FeedEntry>(events.Count);
        foreach (var happened in events)
            entries.Add(new FeedEntry
            {
                Number = ++_number,
                Sequence = sequence,
                HappenedTime = _exchange.Now.ToTimestamp(),
                Event = Wire.ToProto(happened, commandId),
            });
        return entries;
    }

    /// <summary>The time of a group: never before the last command's, in whole milliseconds as the journal keeps them.</summary>
    private DateTimeOffset Now()
    {
        if (clock.Simulated) return _exchange.Now;
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        return now > _exchange.Now ? now : _exchange.Now;
    }

    private void FailWaiting()
    {
        while (_inbox.Reader.TryRead(out var work))
        {
            if (work is Work.Apply apply) apply.Answer.TrySetException(new EngineUnavailableException());
            else if (work is Work.Query query) query.Fail(new EngineUnavailableException());
        }
    }

    private static ulong ContentOf(byte[] body) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(body));

    private abstract record Work
    {
        public sealed record Apply(Guid CommandId, EngineCommand Wire, Command Command, string TraceParent) : Work
        {
            public TaskCompletionSource<SubmitResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public sealed record Query(Action<EngineStatus> Run, Action<Exception> Fail) : Work;
    }
}

/// <summary>How far the history goes.</summary>
internal sealed record EngineStatus(long Sequence, long FeedNumber, byte[] Hash);

/// <summary>No engine answers now; what was asked may or may not have happened.</summary>
internal sealed class EngineUnavailableException() : Exception("The engine does not own the shard now; ask again with the same id.");

/// <summary>A command id was used for something else.</summary>
internal sealed class CommandIdReusedException() : Exception("This id was used for another command.");

/// <summary>The journal does not add up: a command is missing, or it no longer causes what it caused.</summary>
internal sealed class JournalBrokenException(string message) : Exception(message);
