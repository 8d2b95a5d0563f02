using ComputeExchange.Client;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Client;

public class ExchangeAddressesTests
{
    private static readonly Uri Anywhere = new("http://127.0.0.1:1");

    [Fact]
    public void A_service_may_have_several_addresses_and_is_written_as_it_was_read()
    {
        var addresses = ExchangeAddresses.Parse(Anywhere, [new("matching_engine", "http://a:1, http://b:2"), new("settlement", "http://c:3")]);
        addresses.AllOf("matching_engine").ShouldBe([new Uri("http://a:1"), new Uri("http://b:2")]);
        addresses.Of("matching_engine").ShouldBe(new Uri("http://a:1"));
        addresses.AllOf("settlement").ShouldBe([new Uri("http://c:3")]);
        addresses.AllOf("pricing").ShouldBe([Anywhere]);
        addresses.Written("matching_engine").ShouldBe("http://a:1/,http://b:2/");
    }

    [Theory]
    [InlineData("http://a:1,")]
    [InlineData("a:1")]
    [InlineData("")]
    public void An_address_that_is_none_is_named(string written) =>
        Should.Throw<FormatException>(() => ExchangeAddresses.Parse(Anywhere, [new("matching_engine", written)]))
            .Message.ShouldStartWith("matching_engine has the address '");
}
