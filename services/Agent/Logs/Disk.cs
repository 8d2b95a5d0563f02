using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.Logs;

/// <summary>What the system can do with files and .NET has no word for.</summary>
public static partial class Disk
{
    private const int KeepSizeAndPunchHole = 0x01 | 0x02;
    private const long Block = 4_096;

    /// <summary>Gives the beginning of a file back to the disk; its length and the rest of it stay as they are.</summary>
    public static void Free(string path, long through)
    {
        var length = through / Block * Block;
        if (length == 0 || !File.Exists(path)) return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        // A file system that cannot do it keeps the bytes until the delivery's end.
        _ = Allocate(file.SafeFileHandle, KeepSizeAndPunchHole, 0, length);
    }

    /// <summary>Gives a file or folder to a user.</summary>
    /// <returns>Whether it is theirs.</returns>
    public static bool Give(string path, uint user) => ChangeOwner(path, user, user) == 0;

    /// <summary>Whether the agent runs as root.</summary>
    public static bool IsRoot => EffectiveUser() == 0;

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
