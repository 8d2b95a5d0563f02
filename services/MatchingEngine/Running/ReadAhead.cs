using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>Reads a sequence while what was read of it before is worked on, a few pages ahead.</summary>
internal static class ReadAhead
{
    private const int PageSize = 256;
    private const int PagesAhead = 8;

    /// <summary>The same sequence in the same order, in pages.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<T>> InPages<T>(this IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pages = Channel.CreateBounded<List<T>>(new BoundedChannelOptions(PagesAhead) { SingleReader = true, SingleWriter = true });
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Read(source, pages.Writer, given.Token);
        try
        {
            while (await pages.Reader.WaitToReadAsync(cancel))
                while (pages.Reader.TryRead(out var page))
                    yield return page;
        }
        finally
        {
            // Who stops early does not want to know how the rest would have been.
            given.Cancel();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private static async Task Read<T>(IAsyncEnumerable<T> source, ChannelWriter<List<T>> pages, CancellationToken cancel)
    {
        try
        {
            var page = new List<T>(PageSize);
            await foreach (var one in source.WithCancellation(cancel))
            {
                page.Add(one);
                if (page.Count < PageSize) continue;
                await pages.WriteAsync(page, cancel);
                page = new List<T>(PageSize);
            }
            if (page.Count > 0) await pages.WriteAsync(page, cancel);
            pages.Complete();
        }
        catch (Exception failure)
        {
            // Told to the reader, after all that was read before it.
            pages.Complete(failure);
            throw;
        }
    }
}
