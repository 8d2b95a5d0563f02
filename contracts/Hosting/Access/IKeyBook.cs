using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.Participants.V1;
using Grpc.Core;

namespace ComputeExchange.Hosting.Access;

/// <summary>Says whose an API key is.</summary>
public interface IKeyBook
{
    /// <summary>The caller, or null if the key is nobody's, revoked or past its time.</summary>
    Task<Caller?> Find(string key, CancellationToken cancel);
}

/// <summary>Asks Participants, and remembers an answer for a few seconds: a revoked key stops working everywhere within that time.</summary>
public sealed class RemoteKeyBook(ExchangeClient exchange) : IKeyBook
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(4);
    private const int MemorySize = 50_000;

    private readonly ConcurrentDictionary<string, (Caller? Caller, long At)> _known = new();

    /// <inheritdoc />
    public async Task<Caller?> Find(string key, CancellationToken cancel)
    {
        // Keys are not kept in memory in the clear longer than a call takes.
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        if (_known.TryGetValue(digest, out var known) && TimeProvider.System.GetElapsedTime(known.At) < Memory) return known.Caller;

        if (_known.Count > MemorySize) _known.Clear();
        var caller = await AskParticipants(key, cancel);
        _known[digest] = (caller, TimeProvider.System.GetTimestamp());
        return caller;
    }

    private async Task<Caller?> AskParticipants(string key, CancellationToken cancel)
    {
        try
        {
            var answer = await exchange.Participants.AuthenticateKeyAsync(
                new AuthenticateKeyRequest { Key = key },
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5), cancellationToken: cancel);
            return new Caller(Guid.Parse(answer.ParticipantId), answer.Roles.ToHashSet(), answer.KeyId, null);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Unauthenticated)
        {
            return null;
        }
        catch (RpcException failed)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"API keys cannot be checked right now ({failed.StatusCode}); try again."));
        }
    }
}
