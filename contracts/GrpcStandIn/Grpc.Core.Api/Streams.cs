namespace Grpc.Core;

/// <summary>Messages that come in one after another.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last MoveNext brought.</summary>
    T Current { get; }

    /// <summary>Waits for the next message. False: the other side has ended the stream.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}

/// <summary>Messages that go out one after another, one write at a time.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the messages from here on are written; null for the default.</summary>
    WriteOptions? WriteOptions { get; set; }

    Task WriteAsync(T message);

    Task WriteAsync(T message, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? throw new NotSupportedException("This stream cannot cancel a write.")
            : WriteAsync(message);
}

/// <summary>What a client writes, and ends when it has no more to say.</summary>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    Task CompleteAsync();
}

/// <summary>What a server writes. The stream ends when the handler returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;

public static class AsyncStreamReaderExtensions
{
    public static Task<bool> MoveNext<T>(this IAsyncStreamReader<T> streamReader)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        return streamReader.MoveNext(CancellationToken.None);
    }
}
