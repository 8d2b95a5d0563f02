using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>A run of the auction in figures.</summary>
public sealed class RunRow
{
    public long RunId { get; set; }

    public DateTimeOffset ClosedTime { get; set; }

    /// <summary>Null while it waits, or if it was given up.</summary>
    public DateTimeOffset? ClearedTime { get; set; }

    /// <summary>When it was given up, if it was.</summary>
    public DateTimeOffset? ReopenedTime { get; set; }

    public int BidCount { get; set; }

    public int OfferCount { get; set; }

    public int LeaseCount { get; set; }

    public long WelfareMicros { get; set; }

    public long BoundMicros { get; set; }

    public int LeftOutCount { get; set; }

    /// <summary>The SHA-256 of its record as it was when it was cleared, in hexadecimal; empty without a record.</summary>
    public string RecordSha256 { get; set; } = "";

    /// <summary>How far its solution is proven, in the format's word; empty without a record.</summary>
    public string Status { get; set; } = "";

    /// <summary>How its solver stopped, in the format's word; empty where it did not say.</summary>
    public string Stopped { get; set; } = "";

    /// <summary>Which solver made the solution; empty where it did not say.</summary>
    public string Solver { get; set; } = "";
}

/// <summary>A run's public record, compressed.</summary>
public sealed class RunRecordRow
{
    public long RunId { get; set; }

    /// <summary>The problem as JSON, in gzip.</summary>
    public required byte[] ProblemGzip { get; set; }

    /// <summary>The solution as JSON, in gzip; null while it waits.</summary>
    public byte[]? SolutionGzip { get; set; }

    /// <summary>The hash that binds a record: of the problem's bytes and the solution's after them, as <c>cat problem solution | sha256sum</c> prints it.</summary>
    public static string HashOf(ReadOnlySpan<byte> problem, ReadOnlySpan<byte> solution)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(problem);
        sha.AppendData(solution);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>The bytes in gzip.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> json)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(json);
        return packed.ToArray();
    }

    /// <summary>The bytes that were packed.</summary>
    public static byte[] Unpack(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var json = new MemoryStream();
        gzip.CopyTo(json);
        return json.ToArray();
    }
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<RunRow>
{
    public void Configure(EntityTypeBuilder<RunRow> run)
    {
        run.ToTable("runs");
        run.HasKey(r => r.RunId);
        run.Property(r => r.RunId).HasColumnName("run_id").ValueGeneratedNever();
        run.Property(r => r.ClosedTime).HasColumnName("closed_time");
        run.Property(r => r.ClearedTime).HasColumnName("cleared_time");
        run.Property(r => r.ReopenedTime).HasColumnName("reopened_time");
        run.Property(r => r.BidCount).HasColumnName("bid_count");
        run.Property(r => r.OfferCount).HasColumnName("offer_count");
        run.Property(r => r.LeaseCount).HasColumnName("lease_count");
        run.Property(r => r.WelfareMicros).HasColumnName("welfare_micros");
        run.Property(r => r.BoundMicros).HasColumnName("bound_micros");
        run.Property(r => r.LeftOutCount).HasColumnName("left_out_count");
        run.Property(r => r.RecordSha256).HasColumnName("record_sha256").HasDefaultValue("");
        run.Property(r => r.Status).HasColumnName("status").HasDefaultValue("");
        run.Property(r => r.Stopped).HasColumnName("stopped").HasDefaultValue("");
        run.Property(r => r.Solver).HasColumnName("solver").HasDefaultValue("");
    }
}

internal sealed class RunRecordConfiguration : IEntityTypeConfiguration<RunRecordRow>
{
    public void Configure(EntityTypeBuilder<RunRecordRow> record)
    {
        record.ToTable("run_records");
        record.HasKey(r => r.RunId);
        record.Property(r => r.RunId).HasColumnName("run_id").ValueGeneratedNever();
        record.Property(r => r.ProblemGzip).HasColumnName("problem_gzip");
        record.Property(r => r.SolutionGzip).HasColumnName("solution_gzip");
    }
}
