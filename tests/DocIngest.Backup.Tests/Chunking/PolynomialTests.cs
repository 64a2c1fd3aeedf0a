using CsCheck;
using DocIngest.Backup.Chunking;

namespace DocIngest.Backup.Tests.Chunking;

public sealed class PolynomialTests
{
    private static readonly Polynomial Known = new(0x3DA3358B4DC173);

    [Theory]
    [InlineData(0x3DA3358B4DC173)]
    [InlineData(0x33d0c3da8f4439)]
    public void Polynomials_of_repositories_are_usable(ulong value) => Assert.True(new Polynomial(value).IsUsable);

    [Theory]
    [InlineData(0b10, true)]   // x
    [InlineData(0b11, true)]
    [InlineData(0b111, true)]
    [InlineData(0b101, false)]   // (x + 1)^2
    [InlineData(0b1011, true)]
    [InlineData(0b1101, true)]
    [InlineData(0b1111, false)]
    [InlineData(0b10011, true)]
    [InlineData(0b10101, false)]   // (x^2 + x + 1)^2: no factor of degree one
    [InlineData(0x11b, true)]   // of AES
    [InlineData(0x11d, true)]
    [InlineData(0x11c, false)]
    [InlineData(0x1, false)]
    [InlineData(0x0, false)]
    [InlineData(ulong.MaxValue, false)]
    public void Irreducible_ones_are_known(ulong value, bool isIrreducible) => Assert.Equal(isIrreducible, new Polynomial(value).IsIrreducible);

    [Fact]
    public void Small_ones_are_irreducible_when_nothing_divides_them()
    {
        for (ulong value = 2; value < 2048; value++)
            Assert.Equal(Enumerable.Range(2, (int)value - 2).All(divisor => Remainder(value, (ulong)divisor) != 0), new Polynomial(value).IsIrreducible);
    }

    [Fact]
    public void A_product_is_reducible() => Gen.Select(Gen.ULong[2, 1 << 20], Gen.ULong[2, 1UL << 32])
        .Sample((a, b) => !new Polynomial(Product(a, b)).IsIrreducible);

    [Theory]
    [InlineData(0x3DA3358B4DC173 & ~1UL)]   // x divides it
    [InlineData(0x1DA3358B4DC173)]   // degree 52
    [InlineData(0x11b)]
    public void What_no_repository_may_have_is_refused(ulong value)
    {
        Assert.False(new Polynomial(value).IsUsable);
        Assert.Throws<ArgumentException>(() => new Chunker(new Polynomial(value)));
    }

    [Fact]
    public void A_drawn_one_is_usable_and_another_each_time()
    {
        var drawn = Enumerable.Range(0, 20).Select(_ => Polynomial.Draw()).ToList();
        Assert.All(drawn, polynomial => Assert.True(polynomial.IsUsable));
        Assert.Equal(20, drawn.Distinct().Count());
    }

    [Fact]
    public void The_reductions_of_the_format_notes_are_reproduced()
    {
        Assert.Equal(0x17eb4232e19216UL, Known.Shift(1, 504));
        Assert.Equal(0xb80b98cecc39aUL, Known.Shift(255, 504));
        Assert.Equal(0x3da3358b4dc173UL, Known.Shift(1, 53) | (1UL << 53));
        Assert.Equal(0x1ff7ac8a5af476a7UL, Known.Shift(255, 53) | (255UL << 53));
    }

    [Theory]
    [InlineData("3da3358b4dc173", true)]
    [InlineData("3DA3358B4DC173", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("0x3da", false)]
    [InlineData("3da3358b4dc173x", false)]
    [InlineData("3da3358b4dc17300000", false)]
    public void The_form_of_config_is_read(string? hex, bool isNumber)
    {
        Assert.Equal(isNumber, Polynomial.TryParse(hex, out var polynomial));
        if (isNumber)
            Assert.Equal("3da3358b4dc173", polynomial.ToString());
    }

    private static ulong Product(ulong a, ulong b)
    {
        ulong product = 0;
        for (int i = 0; i < 64; i++)
            product ^= ((a >> i) & 1) != 0 ? b << i : 0;
        return product;
    }

    private static ulong Remainder(ulong value, ulong divisor)
    {
        for (int i = 63; i >= 0; i--)
        {
            int shift = i - new Polynomial(divisor).Degree;
            if (((value >> i) & 1) != 0 && shift >= 0)
                value ^= divisor << shift;
        }

        return value;
    }
}
