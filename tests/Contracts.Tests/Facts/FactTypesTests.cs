using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeExchange.Facts;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Facts;

public sealed partial class FactTypesTests(World world) : IClassFixture<World>
{
    /// <summary>The shapes that were published; whoever adds one writes it there.</summary>
    private static readonly string Published = RepositoryFiles.In("tests", "Contracts.Tests", "Facts", "published-facts.txt");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Type> Facts => [.. Types().Where(type => type.GetConstructor(Type.EmptyTypes) is not null)];

    [Fact]
    public void Published_facts_change_only_by_adding()
    {
        var published = File.ReadAllLines(Published).Where(line => line.Length > 0 && line[0] != '#').ToList();
        var now = Types().SelectMany(Shape).ToList();

        published.Except(now).ShouldBeEmpty(
            "A published field is gone, renamed, of another type, or no longer required: services in other versions still tell and hear it. Put it back, or make a V2.");
        var added = now.Except(published).ToList();
        added.Where(line => line.EndsWith("required", StringComparison.Ordinal) && published.Any(old => old.StartsWith(line.Split(' ')[0] + ' ', StringComparison.Ordinal)))
            .ShouldBeEmpty("A field that is added to a published fact cannot be required: the facts told before do not have it.");
        string.Join('\n', added).ShouldBeEmpty($"New shapes are published by writing these lines into {Path.GetFileName(Published)}.");
    }

    [Fact]
    public void Only_a_fact_has_a_name()
    {
        FactTypes.NameOf(typeof(CapacityPaid)).ShouldBe("Settlement.V1.CapacityPaid");
        Should.Throw<ArgumentException>(() => FactTypes.NameOf(typeof(string))).Message.ShouldContain("facts live in");
        foreach (var type in Types()) FactName().IsMatch(FactTypes.NameOf(type)).ShouldBeTrue(type.FullName);
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task A_fact_is_heard_as_it_was_told(Type fact)
    {
        var told = Sample(fact, 1);
        await using (var db = world.Teller())
        {
            typeof(ServiceDb).GetMethod(nameof(ServiceDb.Tell))!.MakeGenericMethod(fact).Invoke(db, [told]);
            await db.SaveChangesAsync(Cancel);
        }

        await using var after = world.Teller();
        var number = (await after.FactHead.AsNoTracking().SingleAsync(Cancel)).LastNumber;
        var message = (await world.Doors().Read("teller", number, 1, Cancel)).ShouldHaveSingleItem();
        var heard = await Hear(fact, message);

        message.Type.ShouldBe(FactTypes.NameOf(fact));
        heard.ShouldNotBeSameAs(told);
        Difference(told, heard, fact.Name).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public async Task A_fact_with_more_fields_than_are_known_here_is_heard(Type fact)
    {
        var told = Sample(fact, 2);
        var body = JsonSerializer.Serialize(told, fact, JsonSerializerOptions.Web);
        var heard = await Hear(fact, new()
        {
            Producer = "teller",
            Number = 1,
            Type = FactTypes.NameOf(fact),
            Body = body.Insert(1, "\"aFieldOfTomorrow\":{\"deep\":[1]},"),
            HappenedTime = DateTimeOffset.UnixEpoch,
        });

        Difference(told, heard, fact.Name).ShouldBeNull();
    }

    /// <summary>Every type in the namespaces of facts, those that facts are made of included.</summary>
    private static IEnumerable<Type> Types() => typeof(CapacityPaid).Assembly.GetTypes()
        .Where(type => type.IsPublic && FactNamespace().IsMatch(type.Namespace ?? "")).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static IEnumerable<string> Shape(Type type) => type.GetProperties().Select(property =>
        $"{FactTypes.NameOf(type)} {JsonNamingPolicy.CamelCase.ConvertName(property.Name)} {NameOf(property.PropertyType)}"
        + (property.IsDefined(typeof(RequiredMemberAttribute)) ? " required" : ""));

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    private static async Task<object> Hear(Type fact, ComputeExchange.Facts.Transport.FactMessage message)
    {
        var hearer = typeof(Catch<>).MakeGenericType(fact);
        var hearers = new Hearers();
        typeof(Hearers).GetMethod(nameof(Hearers.Add))!.MakeGenericMethod(fact, hearer).Invoke(hearers, ["teller"]);
        var caught = Activator.CreateInstance(hearer)!;
        await using var services = new ServiceCollection().AddSingleton(hearer, caught).BuildServiceProvider();
        await hearers.Hear(services, message, Cancel);
        return ((ICatch)caught).Caught.ShouldNotBeNull();
    }

    /// <summary>A value in which every field says something.</summary>
    private static object Sample(Type type, int salt)
    {
        if (type == typeof(string)) return $"text {salt} \"ä\" \u2028";
        if (type == typeof(bool)) return true;
        if (type == typeof(int)) return int.MaxValue - salt;
        if (type == typeof(long)) return long.MaxValue - salt;
        if (type == typeof(Guid)) return new Guid(salt, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        if (type == typeof(DateOnly)) return new DateOnly(2026, 2, 3).AddDays(salt);
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero).AddTicks(salt * 10);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var item = type.GetGenericArguments()[0];
            var list = Array.CreateInstance(item, 2);
            list.SetValue(Sample(item, salt + 1), 0);
            list.SetValue(Sample(item, salt + 2), 1);
            return list;
        }

        FactNamespace().IsMatch(type.Namespace ?? "").ShouldBeTrue($"{type} is no type for a fact's field, or this test does not know it yet.");
        var constructor = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var value = constructor.Invoke([.. constructor.GetParameters().Select((parameter, i) => Sample(parameter.ParameterType, salt + i))]);
        var further = constructor.GetParameters().Length == 0 ? type.GetProperties().Where(property => property.CanWrite) : [];
        foreach (var property in further) property.SetValue(value, Sample(property.PropertyType, ++salt));
        return value;
    }

    private static string? Difference(object told, object heard, string where)
    {
        if (told is string or not IEnumerable && !FactNamespace().IsMatch(told.GetType().Namespace ?? ""))
            return Equals(told, heard) ? null : $"{where}: told {told}, heard {heard}";
        if (told is IEnumerable some)
        {
            var (one, other) = (some.Cast<object>().ToList(), ((IEnumerable)heard).Cast<object>().ToList());
            return one.Count != other.Count
                ? $"{where}: told {one.Count}, heard {other.Count}"
                : one.Zip(other).Select((pair, i) => Difference(pair.First, pair.Second, $"{where}[{i}]")).FirstOrDefault(found => found is not null);
        }
        return told.GetType().GetProperties()
            .Select(property => Difference(property.GetValue(told)!, property.GetValue(heard)!, $"{where}.{property.Name}"))
            .FirstOrDefault(found => found is not null);
    }

    [GeneratedRegex(@"^ComputeExchange\.Facts\.[A-Za-z]+\.V\d+$")]
    private static partial Regex FactNamespace();

    [GeneratedRegex(@"^[A-Za-z]+\.V\d+\.[A-Za-z]+$")]
    private static partial Regex FactName();

    private interface ICatch
    {
        object? Caught { get; }
    }

    private sealed class Catch<T> : IHear<T>, ICatch
    {
        public object? Caught { get; private set; }

        public Task Hear(T happened, DateTimeOffset at, CancellationToken cancel)
        {
            Caught = happened;
            return Task.CompletedTask;
        }
    }
}
