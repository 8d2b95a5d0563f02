using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.OrderBook.Domain;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Entry;

/// <summary>What is wrong with a request: all of it at once, so that the caller need not try again for each field.</summary>
/// <remarks>
/// What is wrong whatever the settings say is refused here. What is wrong only by the settings that this service has read
/// so far is kept as a doubt: the engine decides, because it holds the settings in force and knows whether the request is
/// the repetition of one that was accepted. Where it refuses, the doubts are told with its own finding.
/// </remarks>
public sealed class Complaints
{
    private readonly List<(string Field, string Description)> _certain = [];
    private readonly List<(string Field, string Description)> _doubts = [];

    /// <summary>Wrong by the settings as far as they were read.</summary>
    public IReadOnlyList<(string Field, string Description)> Doubts => _doubts;

    /// <summary>A field is wrong.</summary>
    public void Add(string field, string description) => _certain.Add((field, description));

    /// <summary>These fields are wrong.</summary>
    public void Add(IEnumerable<Wrong> wrong) => _certain.AddRange(wrong.Select(w => (w.Field, w.Description)));

    /// <summary>These fields are wrong by the settings.</summary>
    public void Doubt(IEnumerable<Wrong> wrong) => _doubts.AddRange(wrong.Select(w => (w.Field, w.Description)));

    /// <summary>A required UUID.</summary>
    public Guid Id(string field, string value) => Try(() => Refuse.ParseId(field, value)) ?? default;

    /// <summary>A required time; null if it is wrong.</summary>
    public DateTimeOffset? Time(string field, Timestamp? value) => Try(() => Refuse.ParseTime(field, value));

    /// <summary>Refuses the request if anything is wrong for certain.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT, naming every wrong field.</exception>
    public void ThrowIfAny()
    {
        if (_certain.Count > 0) throw Refuse.Fields([.. _certain, .. _doubts]);
    }

    /// <summary>Refuses the request if anything is wrong at all, where no engine is asked that could know better.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT, naming every wrong field.</exception>
    public void ThrowIfAnyOrDoubt()
    {
        if (_certain.Count + _doubts.Count > 0) throw Refuse.Fields([.. _certain, .. _doubts]);
    }

    private T? Try<T>(Func<T> parse)
        where T : struct
    {
        try
        {
            return parse();
        }
        catch (RpcException wrong)
        {
            _certain.AddRange(RpcFailure.From(wrong).Fields);
            return null;
        }
    }
}
