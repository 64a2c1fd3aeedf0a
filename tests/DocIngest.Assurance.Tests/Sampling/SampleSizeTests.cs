using DocIngest.Assurance.Sampling;

namespace DocIngest.Assurance.Tests.Sampling;

public sealed class SampleSizeTests
{
    // Sizes that textbooks and other programs give for these populations.
    [Theory]
    [InlineData(200, 0.95, 0.01, 155)]
    [InlineData(1_000, 0.95, 0.01, 258)]
    [InlineData(1_000, 0.99, 0.01, 368)]
    [InlineData(1_000, 0.95, 0.001, 950)]
    [InlineData(5_000, 0.95, 0.01, 290)]
    [InlineData(5_000, 0.99, 0.01, 438)]
    [InlineData(5_000, 0.95, 0.001, 2_253)]
    [InlineData(20_000, 0.95, 0.01, 296)]
    [InlineData(20_000, 0.95, 0.001, 2_781)]
    [InlineData(100_000, 0.95, 0.001, 2_950)]
    [InlineData(1_000_000, 0.95, 0.01, 299)]
    [InlineData(1_000_000, 0.99, 0.01, 459)]
    [InlineData(1_000_000, 0.95, 0.001, 2_990)]
    public void Sizes_are_those_of_the_hypergeometric_distribution(long population, double confidence, double defectRate, long size) =>
        Assert.Equal(size, SampleSize.For(population, (decimal)confidence, (decimal)defectRate));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(19)]
    public void Few_objects_are_all_drawn(long population) => Assert.Equal(population, SampleSize.For(population, 0.95m, 0.01m));

    [Fact]
    public void One_fewer_would_not_do_for_any_population()
    {
        for (long population = 1; population <= 120; population++)
        {
            long size = SampleSize.For(population, 0.9m, 0.05m);
            long defective = (long)Math.Ceiling(population * 0.05m);
            Assert.True(Missed(population, defective, size) <= 0.1 + 1e-12);
            Assert.True(Missed(population, defective, size - 1) > 0.1 - 1e-12);
        }

        // By counting: the chance that none of the defective ones is among those drawn one after the other.
        static double Missed(long population, long defective, long sample)
        {
            double chance = 1;
            for (long drawn = 0; drawn < sample; drawn++)
            {
                chance *= Math.Max(0, (double)(population - defective - drawn) / (population - drawn));
            }

            return chance;
        }
    }

    [Theory]
    [InlineData(0, 0.95, 0.01)]
    [InlineData(10, 0, 0.01)]
    [InlineData(10, 1, 0.01)]
    [InlineData(10, 0.95, 0)]
    [InlineData(10, 0.95, 1.5)]
    public void What_makes_no_sense_is_refused(long population, double confidence, double defectRate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleSize.For(population, (decimal)confidence, (decimal)defectRate));
}
