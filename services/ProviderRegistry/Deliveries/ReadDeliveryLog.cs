using System.Text;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Deliveries;

/// <summary>Asks for a part of what a delivery's workload printed.</summary>
public sealed record ReadDeliveryLog(Guid BuyerId, long LeaseId, long Offset, int Size)
{
    private const int Standard = 65_536;
    private const int Most = 1 << 20;

    /// <summary>What is asked for.</summary>
    /// <exception cref="Grpc.Core.RpcException">The offset or the size is out of range.</exception>
    public static ReadDeliveryLog Parse(ReadDeliveryLogRequest request, Guid buyerId)
    {
        if (request.Offset < 0) throw Refuse.Field("offset", $"is {request.Offset}; the first byte is 0.");
        if (request.Size is < 0 or > Most) throw Refuse.Field("size", $"is {request.Size}; it can be 1 to {Most}, or 0 for {Standard}.");
        return new ReadDeliveryLog(buyerId, request.LeaseId, request.Offset, request.Size == 0 ? Standard : request.Size);
    }
}

/// <summary>Answers it, to the buyer alone.</summary>
public sealed class ReadDeliveryLogHandler(ProviderRegistryDb db)
{
    /// <summary>The bytes from the offset on, as many as asked for or as there are, never in the midst of a letter.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such delivery of the buyer's.</exception>
    public async Task<ReadDeliveryLogResponse> Handle(ReadDeliveryLog query, CancellationToken cancel)
    {
        var delivery = await OwnDelivery.Find(db, query.LeaseId, query.BuyerId, cancel);

        // The part that the offset lies in begins at or before it.
        var first = await db.DeliveryLogs.Where(part => part.DeliveryId == delivery.DeliveryId && part.Offset <= query.Offset)
            .MaxAsync(part => (long?)part.Offset, cancel) ?? 0;
        var until = query.Offset + query.Size;
        var bytes = new MemoryStream();
        await foreach (var part in db.DeliveryLogs.AsNoTracking()
            .Where(part => part.DeliveryId == delivery.DeliveryId && part.Offset >= first && part.Offset < until).OrderBy(part => part.Offset).AsAsyncEnumerable().WithCancellation(cancel))
        {
            var from = (int)Math.Clamp(query.Offset - part.Offset, 0, part.Text.Length);
            var to = (int)Math.Clamp(until - part.Offset, 0, part.Text.Length);
            bytes.Write(part.Text, from, to - from);
        }
        var text = bytes.ToArray();
        var whole = Whole(text);
        return new ReadDeliveryLogResponse
        {
            Text = Encoding.UTF8.GetString(text, 0, whole),
            NextOffset = query.Offset + whole,
            Complete = delivery is { EndedTime: not null, Removed: true } && query.Offset + whole >= delivery.LogSize,
        };
    }

    /// <summary>How many bytes are whole letters: one that is cut at the end comes with the next part.</summary>
    private static int Whole(byte[] text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var letter = text[^back];
            if (letter < 0x80) break;
            if (letter < 0xC0) continue;
            var length = letter >= 0xF0 ? 4 : letter >= 0xE0 ? 3 : 2;
            return length > back && text.Length > back ? text.Length - back : text.Length;
        }
        return text.Length;
    }
}
