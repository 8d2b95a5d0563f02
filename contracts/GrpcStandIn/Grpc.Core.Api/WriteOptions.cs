namespace Grpc.Core;

/// <summary>How a message is written.</summary>
public class WriteOptions(WriteFlags flags = default)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}

[Flags]
public enum WriteFlags
{
    /// <summary>The message may wait in a buffer for those that follow.</summary>
    BufferHint = 1,

    /// <summary>The message goes uncompressed although the call is compressed.</summary>
    NoCompress = 2,
}
