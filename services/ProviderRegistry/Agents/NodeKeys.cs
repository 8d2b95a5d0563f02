using System.Collections.Concurrent;
using System.Security.Cryptography;
using ComputeExchange.ProviderRegistry.Storage;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>The public keys of nodes, remembered: a node keeps its key for life.</summary>
public sealed class NodeKeys(IServiceScopeFactory scopes, AgentTimes times) : IDisposable
{
    private const int UnknownMost = 10_000;

    private static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, byte[]> _known = new();
    private readonly ConcurrentDictionary<Guid, long> _unknown = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private bool _readAll;

    /// <summary>The key of a node, SubjectPublicKeyInfo; null: there is no such node.</summary>
    public async Task<byte[]?> Of(Guid nodeId, CancellationToken cancel)
    {
        if (_known.TryGetValue(nodeId, out var known)) return known;
        if (_unknown.TryGetValue(nodeId, out var at) && times.Real.GetElapsedTime(at) < UnknownFor) return null;

        await _reading.WaitAsync(cancel);
        try
        {
            // After a start all nodes come at once: their keys are read at once too.
            if (!_readAll) await Read(agents => agents, cancel);
            else if (!_known.ContainsKey(nodeId)) await Read(agents => agents.Where(agent => agent.NodeId == nodeId), cancel);
            _readAll = true;
        }
        finally
        {
            _reading.Release();
        }
        if (_known.TryGetValue(nodeId, out known)) return known;
        if (_unknown.Count >= UnknownMost) _unknown.Clear();
        _unknown[nodeId] = times.Real.GetTimestamp();
        return null;
    }

    /// <inheritdoc />
    public void Dispose() => _reading.Dispose();

    /// <summary>A key of a curve that is taken, from its SubjectPublicKeyInfo; null: it is none.</summary>
    public static ECDsa? Import(ReadOnlySpan<byte> publicKey)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (read == publicKey.Length && key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value) return key;
        }
        catch (CryptographicException)
        {
            // It is no key.
        }
        key.Dispose();
        return null;
    }

    private async Task Read(Func<IQueryable<AgentRow>, IQueryable<AgentRow>> which, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var agents = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>().Agents.AsNoTracking();
        await foreach (var agent in which(agents).Select(agent => new { agent.NodeId, agent.PublicKey }).AsAsyncEnumerable().WithCancellation(cancel))
            _known[agent.NodeId] = agent.PublicKey;
    }
}
