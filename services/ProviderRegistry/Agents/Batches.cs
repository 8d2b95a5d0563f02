using System.Threading.Channels;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Does in one go what many ask for at the same time, in the order they asked.</summary>
/// <remarks>When a batch fails each of it is tried by itself, so that none suffers from another.</remarks>
public sealed class Batches<T>(int most, Func<IReadOnlyList<T>, CancellationToken, Task> work)
{
    private readonly Channel<(T Item, TaskCompletionSource Done)> _asked =
        Channel.CreateUnbounded<(T, TaskCompletionSource)>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Asks; done when it is.</summary>
    public Task Add(T item)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _asked.Writer.TryWrite((item, done)) ? done.Task : Task.FromException(new OperationCanceledException("The service is stopping."));
    }

    /// <summary>Works until it is stopped.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var batch = new List<(T Item, TaskCompletionSource Done)>(most);
        try
        {
            while (await _asked.Reader.WaitToReadAsync(cancel))
            {
                while (batch.Count < most && _asked.Reader.TryRead(out var next)) batch.Add(next);
                await Do(batch, cancel);
                batch.Clear();
            }
        }
        finally
        {
            _asked.Writer.TryComplete();
            while (_asked.Reader.TryRead(out var left)) batch.Add(left);
            foreach (var (_, done) in batch) done.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task Do(List<(T Item, TaskCompletionSource Done)> batch, CancellationToken cancel)
    {
        try
        {
            await work([.. batch.Select(asked => asked.Item)], cancel);
            foreach (var (_, done) in batch) done.TrySetResult();
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested && failure is not OutOfMemoryException)
        {
            if (batch.Count == 1) batch[0].Done.TrySetException(failure);
            else
                foreach (var one in batch) await Do([one], cancel);
        }
    }
}
