using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Agent.Hardware;

/// <summary>UUIDs of GPUs that are not there: the same for the same node and index, and not a real GPU's.</summary>
static class SimulatedUuid
{
    public static string Of(string id, int index)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{id}|{index}"), hash);
        return $"SIM-{new Guid(hash[..16], bigEndian: true):D}";
    }
}
