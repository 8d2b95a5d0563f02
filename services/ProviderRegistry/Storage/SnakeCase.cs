using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.ProviderRegistry.Storage;

/// <summary>Names columns after their properties, in snake case.</summary>
internal static class SnakeCase
{
    /// <summary>Every property of the entity becomes a column of that name.</summary>
    public static void InSnakeCase<T>(this EntityTypeBuilder<T> entity)
        where T : class
    {
        foreach (var property in typeof(T).GetProperties()) entity.Property(property.Name).HasColumnName(Of(property.Name));
    }

    private static string Of(string name)
    {
        var snake = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(letter));
        }
        return snake.ToString();
    }
}
