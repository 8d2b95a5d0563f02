using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Values.Delivery;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public class ComputeCheckTests
{
    [Theory]
    [InlineData(0UL, 8)]
    [InlineData(1UL, 16)]
    [InlineData(ulong.MaxValue, 8 * 12_345)]
    public void The_sum_of_the_memory_is_that_of_its_words(ulong seed, long bytes)
    {
        var (factor, begin) = ComputeCheck.MemoryWords(seed);
        var sum = 0UL;
        for (var i = 0UL; i < (ulong)bytes / 8; i++) sum = unchecked(sum + factor * i + begin);

        ComputeCheck.MemorySum(seed, bytes).ShouldBe(sum);
    }

    [Fact]
    public void The_digest_is_the_one_that_is_described()
    {
        using var expected = new MemoryStream();
        void Add(ulong number)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            expected.Write(bytes);
        }
        expected.Write(Encoding.ASCII.GetBytes("cx-self-test-1"));
        Add(42);
        for (var thread = 0; thread < 65_536; thread++) Add(ComputeCheck.Result(42, thread));
        Add(1_024);
        Add(ComputeCheck.MemorySum(42, 8_192));

        ComputeCheck.Digest(42, 8_192).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(expected.ToArray())));
    }

    [Fact]
    public void Another_seed_or_less_memory_gives_another_digest()
    {
        string[] digests = [ComputeCheck.Digest(1, 80L << 30), ComputeCheck.Digest(2, 80L << 30), ComputeCheck.Digest(1, 79L << 30)];

        digests.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void The_numbers_never_change()
    {
        // A node and the exchange may be of different versions: what a seed leads to is fixed.
        ComputeCheck.Mix(1).ShouldBe(0x5692161D100B05E5UL);
        ComputeCheck.Digest(1, 1L << 30).ShouldBe("5a7b64c31b850cf69f9f09b07fc3c5f4ab083ef36a8368a7f39cfc87a405be9d");
    }
}
