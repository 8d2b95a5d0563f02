using System.Text;
using System.Text.RegularExpressions;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>What a workload may be: whatever passes can be handed to a runner as it is.</summary>
public static partial class WorkloadRules
{
    /// <summary>How long a workload's environment is kept after the end of the last delivery that used it.</summary>
    public static readonly TimeSpan KeepEnvironment = TimeSpan.FromHours(24);

    /// <summary>How long a workload's environment is kept that no delivery has used yet.</summary>
    public static readonly TimeSpan KeepUnused = TimeSpan.FromDays(30);

    private const int ArgumentCountMax = 256;
    private const int ArgumentLengthMax = 4_096;
    private const int VariableCountMax = 256;
    private const int VariableNameLengthMax = 128;
    private const int VariableLengthMax = 16_384;
    private const int KeyCountMax = 16;
    private const int CpuCountMax = 1_024;
    private const long SizeMin = 64L << 20;
    private const long MemoryMax = 64L << 40;
    private const long DiskMax = 1L << 50;

    /// <summary>The one variable of the node's own that a buyer sets: the signal by which its workload learns of a notice.</summary>
    private const string NoticeSignal = "CX_NOTICE_SIGNAL";

    private static readonly string[] NoticeSignals = ["USR1", "USR2", "HUP", "INT"];

    private static readonly string[] KeyTypes =
    [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    /// <summary>What is wrong with a workload: fields, and what would be right. Never a value of its environment.</summary>
    public static List<(string Field, string Description)> Wrong(
        string image, IReadOnlyList<string> command, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyList<string> sshKeys,
        int cpuCount, long memoryBytes, long diskBytes)
    {
        var wrong = new List<(string, string)>();
        if (image.Length == 0 && command.Count == 0 && sshKeys.Count == 0)
            wrong.Add(("workload", "says nothing to run: give an image, a command, or an SSH key to come in with."));
        if (image.Length > 255 || (image.Length > 0 && !Image().IsMatch(image)))
            wrong.Add(("workload.image", $"'{Short(image)}' is no name of an image, such as nvcr.io/nvidia/pytorch:25.01-py3."));
        AddCommand(wrong, command);
        AddEnvironment(wrong, [.. environment]);
        AddKeys(wrong, sshKeys);
        if (cpuCount is < 0 or > CpuCountMax) wrong.Add(("workload.cpu_count", $"is {cpuCount}; it can be 1 to {CpuCountMax}, or 0 for a share of the host's."));
        AddSize(wrong, "workload.memory_bytes", memoryBytes, MemoryMax);
        AddSize(wrong, "workload.disk_bytes", diskBytes, DiskMax);
        return wrong;
    }

    private static void AddCommand(List<(string, string)> wrong, IReadOnlyList<string> command)
    {
        if (command.Count > ArgumentCountMax) wrong.Add(("workload.command", $"has {command.Count} parts; it can have {ArgumentCountMax}."));
        else if (command.Count > 0 && command[0].Length == 0) wrong.Add(("workload.command", "begins with an empty part: its first part is the program."));
        else if (command.FirstOrDefault(part => part.Length > ArgumentLengthMax) is { } part)
            wrong.Add(("workload.command", $"has a part of {part.Length} characters; a part can have {ArgumentLengthMax}."));
        else if (command.Any(part => part.Contains('\0', StringComparison.Ordinal))) wrong.Add(("workload.command", "has a zero character: leave it out."));
    }

    private static void AddEnvironment(List<(string, string)> wrong, List<KeyValuePair<string, string>> environment)
    {
        const string field = "workload.environment";
        if (environment.Count > VariableCountMax) wrong.Add((field, $"has {environment.Count} variables; it can have {VariableCountMax}."));
        foreach (var (name, value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (name.Length > VariableNameLengthMax || !Variable().IsMatch(name))
                wrong.Add((field, $"'{Short(name)}' is no name of a variable: letters, digits and '_', not beginning with a digit."));
            else if (name == NoticeSignal)
            {
                if (!NoticeSignals.Contains(value)) wrong.Add((field, $"{name} is the signal of a notice; it can be {string.Join(", ", NoticeSignals)}."));
            }
            else if (name.StartsWith("CX_", StringComparison.Ordinal) || name is "CUDA_VISIBLE_DEVICES" or "NVIDIA_VISIBLE_DEVICES")
                wrong.Add((field, $"{name} is set by the node: leave it out."));
            else if (value.Length > VariableLengthMax) wrong.Add((field, $"{name} has {value.Length} characters; a value can have {VariableLengthMax}."));
            else if (value.AsSpan().IndexOfAny('\0', '\r', '\n') >= 0) wrong.Add((field, $"{name} has a line break or a zero character: encode it, for example in base64."));
        }
    }

    private static void AddKeys(List<(string, string)> wrong, IReadOnlyList<string> keys)
    {
        const string field = "workload.ssh_public_keys";
        if (keys.Count > KeyCountMax) wrong.Add((field, $"has {keys.Count} keys; it can have {KeyCountMax}."));
        for (var i = 0; i < keys.Count; i++)
            if (!IsKey(keys[i])) wrong.Add((field, $"number {i + 1} is no public key as it stands in a .pub file, such as 'ssh-ed25519 AAAA… name'."));
    }

    /// <summary>Whether it is one line of a .pub file: a type, and a key that says the same type of itself.</summary>
    private static bool IsKey(string line)
    {
        if (line.Length > 4_096 || line.Any(char.IsControl)) return false;
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !KeyTypes.Contains(parts[0])) return false;
        var key = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], key, out var length) || length < 4 + parts[0].Length + 4) return false;
        return key.AsSpan(0, 4).SequenceEqual((ReadOnlySpan<byte>)[0, 0, 0, (byte)parts[0].Length])
            && key.AsSpan(4, parts[0].Length).SequenceEqual(Encoding.ASCII.GetBytes(parts[0]));
    }

    private static void AddSize(List<(string, string)> wrong, string field, long bytes, long most)
    {
        if (bytes != 0 && (bytes < SizeMin || bytes > most)) wrong.Add((field, $"is {bytes}; it can be {SizeMin} to {most}, or 0 for a share of the host's."));
    }

    private static string Short(string text) =>
        new([.. text.Take(60).Select(letter => char.IsControl(letter) ? '?' : letter)]);

    [GeneratedRegex(@"\A([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Image();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Variable();
}
