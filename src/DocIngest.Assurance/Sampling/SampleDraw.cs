using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DocIngest.Assurance.Sampling;

/// <summary>Draws a sample that anybody can draw again (docs/formats/report.md, with a script of a few lines).</summary>
/// <remarks>Fisher and Yates's shuffle, cut short after n steps. Its numbers are the first eight bytes, big-endian, of SHA-256 over the seed and a counter of eight
/// bytes that begins at 0 and is never used twice; a number in the last, incomplete stretch of the range is passed over, so that all are equally likely.
/// <c>System.Random</c> would not do: its numbers may be other ones in a later version of .NET.</remarks>
public static class SampleDraw
{
    private const int CounterBytes = sizeof(ulong);

    /// <summary>Which places of a population of this size are drawn, in the order of the draw.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="population">How many there are.</param>
    /// <param name="size">How many to draw, 0 to <paramref name="population"/>.</param>
    /// <returns>Different numbers from 0 to <paramref name="population"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More are to be drawn than there are, or less than none.</exception>
    public static IReadOnlyList<long> Places(SampleSeed seed, long population, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, population);
        var numbers = new Numbers(seed);
        var moved = new Dictionary<long, long>();   // what stands at a place where it is not the place's own number
        var drawn = new List<long>();
        for (long place = 0; place < size; place++)
        {
            long other = place + (long)numbers.Below((ulong)(population - place));
            drawn.Add(moved.GetValueOrDefault(other, other));
            moved[other] = moved.GetValueOrDefault(place, place);
        }

        return drawn;
    }

    private sealed class Numbers(SampleSeed seed)
    {
        private ulong _counter;

        public ulong Below(ulong bound)
        {
            ulong whole = ulong.MaxValue - (((ulong.MaxValue % bound) + 1) % bound);   // the last number of the last complete stretch
            ulong number;
            do
            {
                number = Next();
            }
            while (number > whole);
            return number % bound;
        }

        private ulong Next()
        {
            Span<byte> input = stackalloc byte[SHA256.HashSizeInBytes + CounterBytes];
            seed.Hash.CopyTo(input);
            BinaryPrimitives.WriteUInt64BigEndian(input[SHA256.HashSizeInBytes..], _counter++);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(input, hash);
            return BinaryPrimitives.ReadUInt64BigEndian(hash);
        }
    }
}
