using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A futures trade with both of its sides.</summary>
public sealed class FuturesTradeRow
{
    public long TradeId { get; set; }

    public int InstrumentIndex { get; set; }

    public int PriceTicks { get; set; }

    public long LotCount { get; set; }

    public long BuyOrderId { get; set; }

    public long SellOrderId { get; set; }

    public int BuyAccountIndex { get; set; }

    public int SellAccountIndex { get; set; }

    /// <summary>Whether the buy order is the one that came later; so in auctions.</summary>
    public bool BuyerCameLater { get; set; }

    /// <summary>Whether it was undone since.</summary>
    public bool Busted { get; set; }

    public DateTimeOffset HappenedTime { get; set; }
}

internal sealed class FuturesTradeConfiguration : IEntityTypeConfiguration<FuturesTradeRow>
{
    public void Configure(EntityTypeBuilder<FuturesTradeRow> trade)
    {
        trade.ToTable("futures_trades");
        trade.HasKey(x => x.TradeId);
        trade.Property(x => x.TradeId).HasColumnName("trade_id").ValueGeneratedNever();
        trade.Property(x => x.InstrumentIndex).HasColumnName("instrument_index");
        trade.Property(x => x.PriceTicks).HasColumnName("price_ticks");
        trade.Property(x => x.LotCount).HasColumnName("lot_count");
        trade.Property(x => x.BuyOrderId).HasColumnName("buy_order_id");
        trade.Property(x => x.SellOrderId).HasColumnName("sell_order_id");
        trade.Property(x => x.BuyAccountIndex).HasColumnName("buy_account_index");
        trade.Property(x => x.SellAccountIndex).HasColumnName("sell_account_index");
        trade.Property(x => x.BuyerCameLater).HasColumnName("buyer_came_later");
        trade.Property(x => x.Busted).HasColumnName("busted");
        trade.Property(x => x.HappenedTime).HasColumnName("happened_time");

        // The trades of a buyer, of a seller, and of an instrument.
        trade.HasIndex(x => new { x.BuyAccountIndex, x.TradeId });
        trade.HasIndex(x => new { x.SellAccountIndex, x.TradeId });
        trade.HasIndex(x => new { x.InstrumentIndex, x.TradeId });
    }
}
