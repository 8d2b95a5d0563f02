using System.Text.Json;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Identity;

/// <summary>Which node this host is, as enrolment found it.</summary>
public sealed record NodeFile
{
    /// <summary>Its id.</summary>
    public required string NodeId { get; init; }

    /// <summary>Where the exchange listens for agents.</summary>
    public required Uri Exchange { get; init; }

    /// <summary>SHA-256 of the exchange's SubjectPublicKeyInfo; null: the system's own trust decides.</summary>
    public byte[]? Pin { get; init; }

    /// <summary>Its market.</summary>
    public string Market { get; init; } = "";

    /// <summary>What it is called.</summary>
    public string Name { get; init; } = "";

    /// <summary>The file that stands for its hardware; null: the real one.</summary>
    public string? InventoryFile { get; init; }

    /// <summary>The address by which buyers reach this host; empty: the one by which it reaches the exchange.</summary>
    public string PublicAddress { get; init; } = "";

    /// <summary>Keeps it.</summary>
    public void Save(StateFolder state) => StateFolder.Write(state.NodeFile, JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.NodeFile));

    /// <summary>What a state folder says; null where the host was never enrolled.</summary>
    /// <exception cref="AgentTroubleException">The file cannot be read.</exception>
    public static NodeFile? Find(StateFolder state)
    {
        if (!File.Exists(state.NodeFile)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(state.NodeFile), StateJson.Default.NodeFile);
        }
        catch (JsonException unreadable)
        {
            throw new AgentTroubleException($"{state.NodeFile} cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
