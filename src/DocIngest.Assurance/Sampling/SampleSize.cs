namespace DocIngest.Assurance.Sampling;

/// <summary>How many objects must be drawn, without putting them back, for a statement about all of them.</summary>
/// <remarks>Attribute sampling by the hypergeometric distribution: with D of N objects defective, a sample of n misses all of them with the probability
/// C(N−D, n) / C(N, n).</remarks>
public static class SampleSize
{
    /// <summary>The smallest sample that, where it shows no defective object, says with this confidence that the rate of defective objects is below the given one.</summary>
    /// <param name="population">How many objects there are, 1 or more.</param>
    /// <param name="confidence">Above 0, below 1: 0.95.</param>
    /// <param name="defectRate">Above 0, up to 1: 0.01.</param>
    /// <returns>1 to <paramref name="population"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value beyond its bounds.</exception>
    public static long For(long population, decimal confidence, decimal defectRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(population, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(confidence, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(defectRate, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(defectRate, 1);

        // Decimal, so that 1 % of 200 is 2: the fewest defective objects that make the rate no longer "below".
        long defective = (long)Math.Ceiling(population * defectRate);
        double mostMissed = Math.Log((double)(1 - confidence));
        long tooFew = 0;
        long enough = population;
        while (enough - tooFew > 1)
        {
            long sample = tooFew + ((enough - tooFew) / 2);
            if (LogOfMissing(population, defective, sample) <= mostMissed)
            {
                enough = sample;
            }
            else
            {
                tooFew = sample;
            }
        }

        return enough;
    }

    // C(N−D, n) / C(N, n), as a product over whichever of D and n has fewer factors: both forms are equal.
    private static double LogOfMissing(long population, long defective, long sample)
    {
        if (sample > population - defective)
        {
            return double.NegativeInfinity;
        }

        var (fewer, more) = defective < sample ? (defective, sample) : (sample, defective);
        double log = 0;
        for (long taken = 0; taken < fewer; taken++)
        {
            log += Math.Log((double)(population - more - taken) / (population - taken));
        }

        return log;
    }
}
