using System.Globalization;

namespace DocIngest.Archive;

/// <summary>The number of an object's version: 1, 2, 3 … without gaps. <c>default</c> names no version.</summary>
public readonly record struct VersionNumber : IComparable<VersionNumber>
{
    /// <summary>Wraps a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public VersionNumber(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        Value = value;
    }

    /// <summary>The version that creates an object.</summary>
    public static VersionNumber First { get; } = new(1);

    /// <summary>The number.</summary>
    public int Value { get; }

    /// <summary>The version's directory and key in the inventory, for example <c>v3</c>. Never zero-padded (OCFL W001).</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"v{Value}");

    /// <summary>The version that comes after this one.</summary>
    public VersionNumber Next => new(Value + 1);

    /// <summary>Reads a name as <see cref="Name"/> writes it; refuses padding, signs and blanks.</summary>
    public static bool TryParse(string? name, out VersionNumber version)
    {
        version = default;
        if (name is not ['v', >= '1' and <= '9', ..]
            || !int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int value))
        {
            return false;
        }

        version = new VersionNumber(value);
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(VersionNumber other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Name;
}
