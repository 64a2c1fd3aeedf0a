using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace DocIngest.Backup.Chunking;

/// <summary>A polynomial over GF(2), one bit a coefficient; of degree 53 and irreducible it decides where files are cut (restic-format 10).</summary>
/// <remarks>Every repository has its own, so that the sizes of chunks do not tell which files somebody has.</remarks>
public readonly record struct Polynomial(ulong Value)
{
    /// <summary>The degree of a repository's polynomial.</summary>
    public const int RequiredDegree = 53;

    private const int MostTries = 1_000_000;   // 1 in 27 passes: this never runs out

    /// <summary>Of the highest term; -1 for zero.</summary>
    public int Degree => 63 - BitOperations.LeadingZeroCount(Value);

    /// <summary>Whether a repository may use it. restic refuses to open one whose polynomial is reducible.</summary>
    public bool IsUsable => Degree == RequiredDegree && IsIrreducible;

    /// <summary>Whether it is no product of smaller ones. Ben-Or's test, for degrees up to 53.</summary>
    public bool IsIrreducible
    {
        get
        {
            if (Degree is < 1 or > RequiredDegree)
                return false;

            // x^(2^i) + x is the product of all irreducible polynomials whose degree divides i.
            var power = new Polynomial(2).Modulo(this);
            for (int i = 1; i <= Degree / 2; i++)
            {
                power = Multiply(power, power);
                if (GreatestCommonDivisor(this, new Polynomial(power.Value ^ 2)) != new Polynomial(1))
                    return false;
            }

            return true;
        }
    }

    /// <summary>Reads what <c>config</c> holds: hexadecimal digits. Whether it can be used is another question.</summary>
    public static bool TryParse(string? hex, out Polynomial polynomial)
    {
        bool isNumber = ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value);
        polynomial = new Polynomial(value);
        return isNumber;
    }

    /// <summary>Draws one for a new repository.</summary>
    /// <exception cref="CryptographicException">The system's random numbers are not random.</exception>
    public static Polynomial Draw()
    {
        const ulong Highest = 1UL << RequiredDegree;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < MostTries; i++)
        {
            RandomNumberGenerator.Fill(bytes);
            var drawn = new Polynomial((BitConverter.ToUInt64(bytes) & (Highest - 1)) | Highest | 1);
            if (drawn.IsIrreducible)
                return drawn;
        }

        throw new CryptographicException($"None of {MostTries} random polynomials is irreducible.");
    }

    /// <summary>Lower-case hexadecimal without leading zeros, as <c>config</c> holds it.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary><paramref name="factor"/> · x^<paramref name="exponent"/> modulo this polynomial.</summary>
    internal ulong Shift(ulong factor, int exponent)
    {
        var result = new Polynomial(factor).Modulo(this);
        for (int i = 0; i < exponent; i++)
            result = result.TimesX(this);
        return result.Value;
    }

    private Polynomial Modulo(Polynomial divisor)
    {
        ulong rest = Value;
        for (int degree = Degree; degree >= divisor.Degree; degree = new Polynomial(rest).Degree)
            rest ^= divisor.Value << (degree - divisor.Degree);
        return new Polynomial(rest);
    }

    /// <summary>The product modulo this polynomial.</summary>
    private Polynomial Multiply(Polynomial left, Polynomial right)
    {
        ulong product = 0;
        for (int i = left.Degree; i >= 0; i--)
        {
            product = new Polynomial(product).TimesX(this).Value;
            if (((left.Value >> i) & 1) != 0)
                product ^= right.Value;
        }

        return new Polynomial(product);
    }

    private Polynomial TimesX(Polynomial modulus)
    {
        ulong shifted = Value << 1;
        return new Polynomial(((shifted >> modulus.Degree) & 1) != 0 ? shifted ^ modulus.Value : shifted);
    }

    private static Polynomial GreatestCommonDivisor(Polynomial left, Polynomial right)
    {
        while (right.Value != 0)
            (left, right) = (right, left.Modulo(right));
        return left;
    }
}
