using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>A workload as it is kept: everything but the values of its environment in the open, those sealed.</summary>
internal static class WorkloadBox
{
    /// <summary>The workload without the values of its environment; the names stay.</summary>
    public static Workload Shown(this Workload whole)
    {
        var shown = whole.Clone();
        foreach (var name in whole.Environment.Keys) shown.Environment[name] = "";
        return shown;
    }

    /// <summary>The values of its environment, sealed; empty where it has none.</summary>
    public static byte[] SealEnvironment(this Secrets secrets, Workload whole, Guid workloadId) =>
        whole.Environment.Count == 0 ? [] : secrets.Seal(new Workload { Environment = { whole.Environment } }.ToByteArray(), For(workloadId));

    /// <summary>The workload as it is kept, without the values of its environment.</summary>
    public static Workload Spec(this WorkloadRow row) => Workload.Parser.ParseFrom(row.Spec);

    /// <summary>Whether it had an environment that was erased.</summary>
    public static bool IsErased(this WorkloadRow row) => row.Sealed.Length == 0 && row.Spec().Environment.Count > 0;

    /// <summary>The whole workload, for the node that runs it and for nobody else.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Its environment cannot be opened.</exception>
    public static Workload Open(Secrets secrets, WorkloadRow row)
    {
        var whole = row.Spec();
        if (row.Sealed.Length == 0) return whole;
        foreach (var (name, value) in Workload.Parser.ParseFrom(secrets.Unseal(row.Sealed, For(row.WorkloadId))).Environment) whole.Environment[name] = value;
        return whole;
    }

    private static string For(Guid workloadId) => $"workload {workloadId}";
}
