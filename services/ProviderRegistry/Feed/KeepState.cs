using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.ProviderRegistry.Storage;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Feed;

/// <summary>Keeps the market's settings, and up to which of the engine's commands the feed is known.</summary>
internal sealed class KeepState
{
    private readonly ProviderRegistryDb _db;
    private long _reached;
    private byte[]? _settings;

    public KeepState(ProviderRegistryDb db)
    {
        _db = db;
        db.SavingChanges += (_, _) => Write();
    }

    /// <summary>The settings are now these.</summary>
    public void Settings(ChangeSettings settings) => _settings = settings.ToByteArray();

    /// <summary>An entry of that command was applied.</summary>
    public void Reached(long sequence) => _reached = sequence;

    private void Write()
    {
        if (_reached == 0 && _settings is null) return;
        var (reached, settings) = (_reached, _settings ?? []);
        (_reached, _settings) = (0, null);
        _db.Database.ExecuteSql($"""
            INSERT INTO provider_registry.feed_state AS state (id, settings, applied_sequence) VALUES (1, {settings}, {reached})
            ON CONFLICT (id) DO UPDATE SET
                settings = CASE WHEN length(excluded.settings) > 0 THEN excluded.settings ELSE state.settings END,
                applied_sequence = greatest(state.applied_sequence, excluded.applied_sequence)
            """);
    }
}
