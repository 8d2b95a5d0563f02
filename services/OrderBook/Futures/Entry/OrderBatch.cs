using System.Buffers;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>A batch on its way: the requests, those of them that were sent as records, and the results as far as they are known.</summary>
internal sealed class OrderBatch : IDisposable
{
    private byte[] _bytes;
    private int _length;

    private OrderBatch(IReadOnlyList<OrderRequest> orders)
    {
        Orders = orders;
        Results = new OrderResult?[orders.Count];
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, orders.Count) * RequestRecord.Size);
    }

    /// <summary>The requests.</summary>
    public IReadOnlyList<OrderRequest> Orders { get; }

    /// <summary>A place for each request's result.</summary>
    public OrderResult?[] Results { get; }

    /// <summary>The records to be sent; empty when every request is malformed.</summary>
    public ReadOnlyMemory<byte> Records => _bytes.AsMemory(0, _length);

    /// <summary>Packs requests; the malformed ones have their results at once.</summary>
    public static OrderBatch Of(IReadOnlyList<OrderRequest> orders, InstrumentNames instruments)
    {
        var batch = new OrderBatch(orders);
        var records = OrderPacker.In(batch._bytes);
        var sent = 0;
        for (var index = 0; index < orders.Count; index++)
            if ((batch.Results[index] = OrderPacker.Pack(orders[index], instruments, ref records[sent])) is null) sent++;
        batch._length = sent * RequestRecord.Size;
        return batch;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }
}
